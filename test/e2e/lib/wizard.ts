// The Create Model Config wizard from its first step to its last.
import { waitFor } from './wait';
import type { Workbench } from './workbench';

/** What is done in a step before it is accepted; steps that are not named take what is offered. */
export interface Answer {
  readonly step: RegExp;
  /** Waited for first. */
  readonly shows?: string | RegExp;
  readonly types?: string;
}

/** Answers what was asked, in order. */
export async function answerAll(
  workbench: Workbench,
  answers: readonly Answer[],
  picture: string,
): Promise<string[]> {
  await workbench.quickInputWidget.getByText(/\(\d+\/\d+\)/).waitFor();
  const asked: string[] = [];
  for (;;) {
    const step = await workbench.inputStep();
    asked.push(step.question);
    const answer = answers.find((each) => each.step.test(step.question));
    if (answer?.shows !== undefined) {
      await workbench.quickInputWidget.getByText(answer.shows).first().waitFor();
    }
    if (answer?.types !== undefined) {
      await workbench.quickInputWidget.locator('input').fill(answer.types);
    }
    await workbench.shot(`${picture}-${step.number}`);
    await workbench.page.keyboard.press('Enter');
    if (step.number === step.total) return asked;
    await waitFor(`the step after ${step.number}`, 15, async () =>
      (await workbench.inputStep()).number > step.number ? true : undefined,
    );
  }
}
