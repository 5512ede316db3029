import type { IncidentMember } from "../../../../contract/incidents.ts";

/** The members whose name, rule or reason holds these words, in the order they came in. */
export function membersWith(members: readonly IncidentMember[], text: string): readonly IncidentMember[] {
  const words = text.trim().toLowerCase();
  if (words === "") return members;
  return members.filter((member) =>
    [member.name, member.subject, member.ruleName, member.reason].some((told) => told.toLowerCase().includes(words)),
  );
}

/** What the subject of an incident is called, as far as its members say. */
export function subjectNameOf(subject: string, members: readonly Pick<IncidentMember, "subject" | "name">[]): string {
  return members.find((member) => member.subject === subject)?.name ?? subject;
}
