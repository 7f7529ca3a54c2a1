import type { Dispatcher } from 'undici';

type Controller = Pick<Dispatcher.DispatchController, 'pause' | 'resume'>;

/** Smaller ones cost as much as a packet, whatever is in them: 64 kB of chunks of one byte are ten thousand. */
const smallBytes = 64;
const chunksATurn = 256;

/** An answer that lets others have their turn when it comes in crumbs. */
export interface PacedSource {
  readonly pause: () => void;
  readonly resume: () => void;
  /** Told of every chunk, when it has been dealt with. */
  readonly note: (chunk: Buffer) => void;
}

/** Two parties stop an answer: its client that does not read, and the event loop after so many crumbs. It goes on for both. */
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
