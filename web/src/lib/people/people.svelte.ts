import type { Endpoints } from "../../../../contract/api.ts";
import type { Invitation, NewInvitation, PersonEntry } from "../../../../contract/people.ts";
import { ApiError, call } from "../api.ts";
import { type Problem, problemOf } from "../problem.ts";

type Change = Endpoints["PATCH /api/people/:id"]["body"];
type NewInvitationBody = Endpoints["POST /api/invitations"]["body"];

/** The people of this Nephos, and who is invited. */
export class People {
  people = $state.raw<PersonEntry[] | null>(null);
  invitations = $state.raw<Invitation[]>([]);
  problem = $state.raw<Problem | null>(null);

  async load(): Promise<void> {
    try {
      const { people, invitations } = await call("GET /api/people");
      this.people = people;
      this.invitations = invitations;
      this.problem = null;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.problem = problemOf(error);
    }
  }

  async change(id: string, body: Change): Promise<void> {
    await call("PATCH /api/people/:id", { params: { id }, body });
    await this.load();
  }

  async remove(id: string): Promise<void> {
    await call("DELETE /api/people/:id", { params: { id } });
    await this.load();
  }

  async signOut(id: string): Promise<void> {
    await call("DELETE /api/people/:id/sessions", { params: { id } });
    await this.load();
  }

  async invite(body: NewInvitationBody): Promise<NewInvitation> {
    const made = await call("POST /api/invitations", { body });
    await this.load();
    return made;
  }

  async withdraw(id: string): Promise<void> {
    await call("DELETE /api/invitations/:id", { params: { id } });
    await this.load();
  }
}
