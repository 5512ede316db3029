CREATE TABLE `check_change` (
	`check_id` text NOT NULL,
	`at` integer NOT NULL,
	`judgement` text NOT NULL,
	PRIMARY KEY(`check_id`, `at`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `health_check` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`instance_id` text,
	`tags` text NOT NULL,
	`interval_ms` integer NOT NULL,
	`timeout_ms` integer NOT NULL,
	`slow_ms` integer NOT NULL,
	`bad_ms` integer NOT NULL,
	`regions` text,
	`is_paused` integer NOT NULL,
	`is_default` integer NOT NULL,
	`target` text NOT NULL,
	`headers` text,
	`header_names` text NOT NULL,
	`created_at` integer NOT NULL,
	`judgement` text,
	`beat_hash` text,
	`last_beat_at` integer,
	`last_fail_at` integer,
	`resumed_at` integer
);
--> statement-breakpoint
CREATE TABLE `sentinel_setting` (
	`id` integer PRIMARY KEY NOT NULL,
	`settings` text NOT NULL,
	`heartbeat_url` text,
	`heartbeat_host` text
);
--> statement-breakpoint
CREATE TABLE `uptime` (
	`subject` text PRIMARY KEY NOT NULL,
	`recent` text NOT NULL,
	`older` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `instance_event` (
	`instance_id` text NOT NULL,
	`at` integer NOT NULL,
	`number` integer NOT NULL,
	`kind` text NOT NULL,
	`what` text,
	`before` text,
	`after` text,
	PRIMARY KEY(`instance_id`, `at`, `number`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `provider_account` (
	`id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`name` text NOT NULL,
	`key_hint` text NOT NULL,
	`credentials` text NOT NULL,
	`endpoint` text,
	`regions` text NOT NULL,
	`is_paused` integer NOT NULL,
	`created_at` integer NOT NULL,
	`last_attempt_at` integer,
	`last_discovered_at` integer,
	`problem` text
);
--> statement-breakpoint
CREATE UNIQUE INDEX `provider_account_key_hint_unique` ON `provider_account` (`key_hint`);--> statement-breakpoint
ALTER TABLE `instance` ADD `cloud_kind` text;--> statement-breakpoint
ALTER TABLE `instance` ADD `cloud_id` text;--> statement-breakpoint
ALTER TABLE `instance` ADD `monthly_cost_given` text;--> statement-breakpoint
ALTER TABLE `instance` ADD `account_id` text;--> statement-breakpoint
ALTER TABLE `instance` ADD `account_instance_id` text;--> statement-breakpoint
ALTER TABLE `instance` ADD `cloud` text;--> statement-breakpoint
ALTER TABLE `instance` ADD `bandwidth` text;--> statement-breakpoint
ALTER TABLE `instance` ADD `judgement` text;--> statement-breakpoint
CREATE UNIQUE INDEX `instance_of_account` ON `instance` (`account_id`,`account_instance_id`) WHERE account_id IS NOT NULL;--> statement-breakpoint
ALTER TABLE `tick` ADD `steps` text DEFAULT '[]' NOT NULL;
--> statement-breakpoint
CREATE VIEW `series_subject` AS SELECT `id` FROM `instance` UNION ALL SELECT `id` FROM `health_check`;
