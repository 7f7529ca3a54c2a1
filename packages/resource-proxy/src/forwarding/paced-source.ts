import type { Dispatcher } from 'undici';

type Controller = Pick<Dispatcher.DispatchController, 'pause' | 'resume'>;

/** A smaller chunk costs as much as a packet: 64 kB of one-byte chunks are ten thousand chunks. */
const smallBytes = 64;
const chunksATurn = 256;

/** A source that yields to other work when the answer comes in tiny chunks. */
export interface PacedSource {
  readonly pause: () => void;
  readonly resume: () => void;
  /** Called for every chunk after it was processed. */
  readonly note: (chunk: Buffer) => void;
}

/**
 * An answer pauses for two reasons: its client does not read, or many tiny chunks have arrived in one turn. It resumes
 * when neither holds.
 */
export function paceSource(controller: Controller): PacedSource {
  let isHeld = false;
  let isResting = false;
  let crumbs = 0;
  return {
    pause: () => {
      isHeld = true;
      controller.pause();
    },
    resume: () => {
      isHeld = false;
      if (!isResting) controller.resume();
    },
    note: ({ length }) => {
      if (length >= smallBytes || isResting) return;
      crumbs += 1;
      if (crumbs < chunksATurn) return;
      crumbs = 0;
      isResting = true;
      controller.pause();
      setImmediate(() => {
        isResting = false;
        if (!isHeld) controller.resume();
      });
    },
  };
}
