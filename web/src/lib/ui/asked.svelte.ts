export interface Question {
  title: string;
  text: string;
  action: string;
  onconfirm: () => Promise<unknown>;
}

/** The one question a page asks at a time, for `ConfirmDialog`. */
export class Asked {
  question = $state.raw<Question | null>(null);
  isOpen = $state(false);

  ask(question: Question): void {
    this.question = question;
    this.isOpen = true;
  }
}
