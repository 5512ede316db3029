CREATE TABLE `export_cursor` (
	`stream` text PRIMARY KEY NOT NULL,
	`cursor` text,
	`done_to` integer,
	`rows` integer NOT NULL,
	`last_at` integer,
	`missed` text,
	`problem` text
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `insight` (
	`id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`severity` text NOT NULL,
	`rank` integer NOT NULL,
	`title` text NOT NULL,
	`claims` text NOT NULL,
	`actions` text NOT NULL,
	`subjects` text NOT NULL,
	`metrics` text NOT NULL,
	`confidence` real,
	`basis` text NOT NULL,
	`evidence` text NOT NULL,
	`chart` text,
	`at` integer,
	`earliest_at` integer,
	`latest_at` integer,
	`monthly_saving` text,
	`engine` text NOT NULL,
	`model` text,
	`made_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`dismissed_at` integer,
	`dismissed_by` text,
	`useful` text
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `outlook` (
	`instance_id` text PRIMARY KEY NOT NULL,
	`bands` text NOT NULL,
	`spans` text NOT NULL,
	`made_at` integer NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `worded_answer` (
	`id` text PRIMARY KEY NOT NULL,
	`model` text NOT NULL,
	`worded` text NOT NULL,
	`input_tokens` integer NOT NULL,
	`output_tokens` integer NOT NULL,
	`usd` real NOT NULL,
	`made_at` integer NOT NULL,
	`expires_at` integer NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `model_spend` (
	`month` text NOT NULL,
	`model` text NOT NULL,
	`requests` integer NOT NULL,
	`input_tokens` integer NOT NULL,
	`output_tokens` integer NOT NULL,
	`usd` real NOT NULL,
	PRIMARY KEY(`month`, `model`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `snowflake_connection` (
	`id` integer PRIMARY KEY NOT NULL,
	`account` text NOT NULL,
	`names` text NOT NULL,
	`auth_kind` text NOT NULL,
	`auth` text NOT NULL,
	`fingerprint` text,
	`endpoint` text,
	`connected_at` integer NOT NULL,
	`problem` text
);
--> statement-breakpoint
CREATE TABLE `snowflake_setting` (
	`id` integer PRIMARY KEY NOT NULL,
	`settings` text NOT NULL,
	`updated_at` integer NOT NULL
);
