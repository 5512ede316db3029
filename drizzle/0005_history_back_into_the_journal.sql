-- The journal is where the shard finds what is not in blocks when it starts, so the blocks of before go there, to be packed anew.
DELETE FROM `journal` WHERE `cycle` <> (SELECT `cycle` FROM `journal_head`);
--> statement-breakpoint
INSERT INTO `journal` (`slot`, `cycle`, `samples`)
	SELECT (SELECT count(*) FROM `journal`) + row_number() OVER (ORDER BY `first_at`, `instance_id`, `cycle`, `stream`, `part`) - 1,
		(SELECT `cycle` FROM `journal_head`),
		json_object(`instance_id`, (
			SELECT json_group_array(json_array(entry.value ->> 0, entry.value ->> 1, json(entry.value -> 2), `stream`))
			FROM json_each(`samples`) AS entry))
	FROM `block`;
--> statement-breakpoint
DROP TABLE `block`;
