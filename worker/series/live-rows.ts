/** The rows of the present cycle, as a table `live` of their slots: found one after the other, not by scanning. */
export const LIVE = `
  live(slot) AS (
    SELECT journal.slot FROM journal_head JOIN journal ON journal.slot = 0 AND journal.cycle = journal_head.cycle
    UNION ALL
    SELECT journal.slot FROM live JOIN journal ON journal.slot = live.slot + 1
      AND journal.cycle = (SELECT cycle FROM journal_head))`;
