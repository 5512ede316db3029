CREATE TABLE `incident` (
	`id` text PRIMARY KEY NOT NULL,
	`title` text NOT NULL,
	`severity` text NOT NULL,
	`state` text NOT NULL,
	`rule_id` text NOT NULL,
	`rule_name` text NOT NULL,
	`kind` text NOT NULL,
	`subject` text NOT NULL,
	`instance_id` text,
	`reason` text NOT NULL,
	`opened_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`acknowledged_at` integer,
	`acknowledged_by` text,
	`resolved_at` integer,
	`members` integer NOT NULL,
	`open_members` integer NOT NULL,
	`reopened` integer NOT NULL,
	`is_silenced` integer NOT NULL,
	`tags` text NOT NULL,
	`last_event` integer NOT NULL,
	`place` text
);
--> statement-breakpoint
CREATE INDEX `incident_open` ON `incident` (`opened_at`) WHERE state <> 'resolved';--> statement-breakpoint
CREATE INDEX `incident_resolved` ON `incident` (`resolved_at`) WHERE state = 'resolved';--> statement-breakpoint
CREATE TABLE `incident_event` (
	`incident_id` text NOT NULL,
	`number` integer NOT NULL,
	`at` integer NOT NULL,
	`kind` text NOT NULL,
	`severity` text NOT NULL,
	`actor` text,
	`words` text NOT NULL,
	PRIMARY KEY(`incident_id`, `number`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `incident_member` (
	`incident_id` text NOT NULL,
	`rule_id` text NOT NULL,
	`rule_name` text NOT NULL,
	`subject` text NOT NULL,
	`instance_id` text,
	`name` text NOT NULL,
	`severity` text NOT NULL,
	`opened_at` integer NOT NULL,
	`resolved_at` integer,
	`value` real,
	`threshold` real,
	`reason` text NOT NULL,
	PRIMARY KEY(`incident_id`, `rule_id`, `subject`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE UNIQUE INDEX `incident_member_open` ON `incident_member` (`rule_id`,`subject`) WHERE resolved_at IS NULL;--> statement-breakpoint
CREATE INDEX `incident_member_of_subject` ON `incident_member` (`subject`);--> statement-breakpoint
CREATE TABLE `rule` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`is_enabled` integer NOT NULL,
	`is_default` integer NOT NULL,
	`condition` text NOT NULL,
	`scope` text NOT NULL,
	`hold_ms` integer NOT NULL,
	`keep_firing_ms` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `rule_override` (
	`rule_id` text NOT NULL,
	`subject` text NOT NULL,
	`override` text NOT NULL,
	PRIMARY KEY(`rule_id`, `subject`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `silence` (
	`id` text PRIMARY KEY NOT NULL,
	`reason` text NOT NULL,
	`scope` text NOT NULL,
	`rule_ids` text NOT NULL,
	`when` text NOT NULL,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`ended_at` integer
);
--> statement-breakpoint
CREATE TABLE `channel` (
	`id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`name` text NOT NULL,
	`is_enabled` integer NOT NULL,
	`config` text NOT NULL,
	`secrets` text,
	`min_severity` text NOT NULL,
	`scope` text NOT NULL,
	`after_ms` integer NOT NULL,
	`repeat_ms` integer,
	`quiet_hours` text,
	`tells_resolved` integer NOT NULL,
	`created_at` integer NOT NULL,
	`last_sent_at` integer,
	`problem` text
);
--> statement-breakpoint
CREATE TABLE `notification` (
	`id` text PRIMARY KEY NOT NULL,
	`channel_id` text NOT NULL,
	`incident_id` text,
	`event_number` integer NOT NULL,
	`kind` text NOT NULL,
	`state` text NOT NULL,
	`message` text NOT NULL,
	`created_at` integer NOT NULL,
	`next_at` integer NOT NULL,
	`sent_at` integer,
	`attempts` integer NOT NULL,
	`answer` text
);
--> statement-breakpoint
CREATE INDEX `notification_waiting` ON `notification` (`next_at`) WHERE state = 'waiting';--> statement-breakpoint
CREATE INDEX `notification_unsent` ON `notification` (`channel_id`,`state`) WHERE state IN ('waiting', 'parked');--> statement-breakpoint
CREATE INDEX `notification_of_incident` ON `notification` (`incident_id`);--> statement-breakpoint
CREATE INDEX `notification_recent` ON `notification` (`created_at`);--> statement-breakpoint
CREATE TABLE `notify_setting` (
	`id` integer PRIMARY KEY NOT NULL,
	`vapid_public_key` text NOT NULL,
	`vapid_private_key` text NOT NULL
);
--> statement-breakpoint
INSERT INTO `rule` (`id`, `name`, `is_enabled`, `is_default`, `condition`, `scope`, `hold_ms`, `keep_firing_ms`, `created_at`, `updated_at`) VALUES
	('default-instance-down', 'Instance down', 1, 1, '{"kind":"verdict","of":"instance","checkKinds":[],"degraded":null,"down":"critical"}', '{"tags":[],"providers":[],"regions":[],"subjects":[]}', 0, 0, unixepoch() * 1000, unixepoch() * 1000),
	('default-check-down', 'Check down', 1, 1, '{"kind":"verdict","of":"check","checkKinds":[],"degraded":null,"down":"critical"}', '{"tags":[],"providers":[],"regions":[],"subjects":[]}', 0, 0, unixepoch() * 1000, unixepoch() * 1000),
	('default-agent-silent', 'Agent silent', 1, 1, '{"kind":"silence","warning":180000,"critical":null,"recovery":null}', '{"tags":[],"providers":[],"regions":[],"subjects":[]}', 0, 0, unixepoch() * 1000, unixepoch() * 1000),
	('default-provider', 'Stopped or impaired at its provider', 1, 1, '{"kind":"provider","statuses":["stopped","suspended"],"impaired":true,"severity":"warning"}', '{"tags":[],"providers":[],"regions":[],"subjects":[]}', 0, 0, unixepoch() * 1000, unixepoch() * 1000),
	('default-cpu', 'CPU busy', 1, 1, '{"kind":"metric","metric":"cpu_busy_ratio","direction":"above","warning":0.7,"critical":0.9,"recovery":0.65}', '{"tags":[],"providers":[],"regions":[],"subjects":[]}', 600000, 300000, unixepoch() * 1000, unixepoch() * 1000),
	('default-memory', 'Memory used', 1, 1, '{"kind":"metric","metric":"memory_used_ratio","direction":"above","warning":0.75,"critical":0.9,"recovery":0.7}', '{"tags":[],"providers":[],"regions":[],"subjects":[]}', 600000, 300000, unixepoch() * 1000, unixepoch() * 1000),
	('default-disk', 'Disk used', 1, 1, '{"kind":"metric","metric":"filesystem_used_ratio","direction":"above","warning":0.8,"critical":0.95,"recovery":0.78}', '{"tags":[],"providers":[],"regions":[],"subjects":[]}', 300000, 300000, unixepoch() * 1000, unixepoch() * 1000),
	('default-disk-full', 'Disk full soon', 1, 1, '{"kind":"forecast","metric":"filesystem_used_ratio","warning":259200000,"critical":86400000,"recovery":345600000}', '{"tags":[],"providers":[],"regions":[],"subjects":[]}', 0, 0, unixepoch() * 1000, unixepoch() * 1000),
	('default-response', 'Slow answer', 1, 1, '{"kind":"metric","metric":"check_response_seconds","direction":"above","warning":1,"critical":3,"recovery":0.9}', '{"tags":[],"providers":[],"regions":[],"subjects":[]}', 180000, 180000, unixepoch() * 1000, unixepoch() * 1000),
	('default-certificate', 'Certificate ends', 1, 1, '{"kind":"metric","metric":"certificate_left_seconds","direction":"below","warning":1209600,"critical":259200,"recovery":null}', '{"tags":[],"providers":[],"regions":[],"subjects":[]}', 0, 0, unixepoch() * 1000, unixepoch() * 1000),
	('default-reboot', 'Rebooted', 1, 1, '{"kind":"reboot","forMs":600000,"severity":"warning"}', '{"tags":[],"providers":[],"regions":[],"subjects":[]}', 0, 0, unixepoch() * 1000, unixepoch() * 1000);
