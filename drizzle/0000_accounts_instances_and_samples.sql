CREATE TABLE `agent_token` (
	`id` text PRIMARY KEY NOT NULL,
	`hash` text NOT NULL,
	`label` text NOT NULL,
	`instance_id` text,
	`created_at` integer NOT NULL,
	`last_used_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `agent_token_hash_unique` ON `agent_token` (`hash`);--> statement-breakpoint
CREATE INDEX `agent_token_instance` ON `agent_token` (`instance_id`);--> statement-breakpoint
CREATE TABLE `session` (
	`hash` text PRIMARY KEY NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `sign_in_link` (
	`hash` text PRIMARY KEY NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`used_at` integer
);
--> statement-breakpoint
CREATE TABLE `instance` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`name_given` text,
	`region` text,
	`type` text,
	`hostname` text,
	`os` text,
	`kernel` text,
	`arch` text,
	`cpu_model` text,
	`cpu_count` integer,
	`memory_total_bytes` integer,
	`boot_id` text,
	`boot_at` integer,
	`health_endpoint` text,
	`agent_version` text,
	`interval_ms` integer NOT NULL,
	`clock_offset_ms` integer NOT NULL,
	`first_seen_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `tick` (
	`id` integer PRIMARY KEY NOT NULL,
	`finished_at` integer NOT NULL,
	`duration_ms` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `custom_series` (
	`instance_id` text NOT NULL,
	`key` text NOT NULL,
	PRIMARY KEY(`instance_id`, `key`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `sample` (
	`instance_id` text NOT NULL,
	`at` integer NOT NULL,
	`stream` integer NOT NULL,
	`seq` integer NOT NULL,
	`metrics` text NOT NULL,
	PRIMARY KEY(`instance_id`, `at`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `stream` (
	`instance_id` text NOT NULL,
	`id` text NOT NULL,
	`number` integer NOT NULL,
	`clock_offset_ms` integer NOT NULL,
	`started_at` integer NOT NULL,
	PRIMARY KEY(`instance_id`, `id`)
) WITHOUT ROWID;
