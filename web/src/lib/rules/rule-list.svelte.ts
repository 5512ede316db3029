import type { Endpoints } from "../../../../contract/api.ts";
import type { NewRule, Override, Rule } from "../../../../contract/rules.ts";
import type { DurationMs } from "../../../../contract/units.ts";
import { ApiError, call } from "../api.ts";
import { type Problem, problemOf } from "../problem.ts";

export const REFRESH_EVERY_MS: DurationMs = 30_000;

/** The rules, and what can be done with them. */
export class RuleList {
  /** The last answer; it stays while the server does not answer. */
  list = $state.raw<Rule[] | null>(null);
  problem = $state.raw<Problem | null>(null);
  /** Rules that are being changed right now, by id. */
  changing = $state.raw<ReadonlySet<string>>(new Set());

  async load(): Promise<void> {
    try {
      this.list = (await call("GET /api/rules")).rules;
      this.problem = null;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.problem = problemOf(error);
    }
  }

  ruleOf(id: string): Rule | undefined {
    return this.list?.find((rule) => rule.id === id);
  }

  async make(body: NewRule): Promise<Rule> {
    return this.#put(await call("POST /api/rules", { body }));
  }

  async put(id: string, body: Endpoints["PUT /api/rules/:id"]["body"]): Promise<Rule> {
    return this.#put(await call("PUT /api/rules/:id", { params: { id }, body }));
  }

  async switch({ id, name, condition, scope, holdMs, keepFiringMs }: Rule, isEnabled: boolean): Promise<Rule> {
    this.changing = new Set([...this.changing, id]);
    try {
      return await this.put(id, { name, condition, scope, holdMs, keepFiringMs, isEnabled });
    } finally {
      this.changing = new Set([...this.changing].filter((other) => other !== id));
    }
  }

  async remove(id: string): Promise<void> {
    await call("DELETE /api/rules/:id", { params: { id } });
    this.list = this.list?.filter((rule) => rule.id !== id) ?? null;
  }

  async setOverride(id: string, subject: string, body: Override): Promise<Rule> {
    return this.#put(await call("PUT /api/rules/:id/overrides/:subject", { params: { id, subject }, body }));
  }

  async removeOverride(id: string, subject: string): Promise<void> {
    await call("DELETE /api/rules/:id/overrides/:subject", { params: { id, subject } });
    await this.load();
  }

  #put(rule: Rule): Rule {
    const others = this.list ?? [];
    const isKnown = others.some(({ id }) => id === rule.id);
    this.list = isKnown ? others.map((other) => (other.id === rule.id ? rule : other)) : [...others, rule];
    return rule;
  }
}
