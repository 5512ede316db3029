CREATE TABLE `block` (
	`instance_id` text NOT NULL,
	`tier` integer NOT NULL,
	`slot` integer NOT NULL,
	`bucket` integer NOT NULL,
	`version` integer NOT NULL,
	`count` integer NOT NULL,
	`covers` text,
	`directory` text NOT NULL,
	`data` blob NOT NULL,
	PRIMARY KEY(`instance_id`, `tier`, `slot`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `ring` (
	`tier` integer NOT NULL,
	`generation` integer NOT NULL,
	`days` integer NOT NULL,
	`slots` integer NOT NULL,
	`since` integer NOT NULL,
	PRIMARY KEY(`tier`, `generation`)
) WITHOUT ROWID;

--> statement-breakpoint
INSERT INTO `ring` (`tier`, `generation`, `days`, `slots`, `since`) VALUES (0, 1, 3, 193, 0), (1, 1, 30, 121, 0), (2, 1, 730, 184, 0);
