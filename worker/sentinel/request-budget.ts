/** No requests are left in this event; what remains goes on in the next. */
export class BudgetSpent extends Error {
  constructor() {
    super("So many requests as this event may make have been made.");
    this.name = "BudgetSpent";
  }
}

/** Requests to others that one event may make: the platform counts them. */
export class RequestBudget {
  #left: number;

  constructor(max: number) {
    this.#left = max;
  }

  get left(): number {
    return this.#left;
  }

  /** Counts one. Throws where none is left. */
  spend(): void {
    if (this.#left <= 0) throw new BudgetSpent();
    this.#left--;
  }
}
