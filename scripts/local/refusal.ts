/** Why a command cannot do what was asked, and what to do: shown in these words, without a stack. */
export class Refusal extends Error {
  readonly remedy: string;
  constructor(message: string, remedy: string) {
    super(message);
    this.remedy = remedy;
  }
}
