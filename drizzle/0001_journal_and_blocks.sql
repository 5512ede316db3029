CREATE TABLE `block` (
	`instance_id` text NOT NULL,
	`first_at` integer NOT NULL,
	`cycle` integer NOT NULL,
	`stream` integer NOT NULL,
	`part` integer NOT NULL,
	`last_at` integer NOT NULL,
	`last_seq` integer NOT NULL,
	`samples` text NOT NULL,
	PRIMARY KEY(`instance_id`, `first_at`, `cycle`, `stream`, `part`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `journal` (
	`slot` integer PRIMARY KEY NOT NULL,
	`cycle` integer NOT NULL,
	`samples` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `journal_head` (
	`id` integer PRIMARY KEY NOT NULL,
	`life` text NOT NULL,
	`cycle` integer NOT NULL,
	`packed_at` integer NOT NULL
);
--> statement-breakpoint
INSERT INTO `journal_head` (`id`, `life`, `cycle`, `packed_at`) VALUES (1, '', 1, 0);
--> statement-breakpoint
INSERT INTO `block` (`instance_id`, `first_at`, `cycle`, `stream`, `part`, `last_at`, `last_seq`, `samples`)
	SELECT `instance_id`, min(`at`), 0, `stream`, 0, max(`at`), max(`seq`),
		json_group_array(json_array(`at`, `seq`, json(`metrics`)) ORDER BY `at`)
	FROM `sample` GROUP BY `instance_id`, `stream`, `at` / 600000;
