import type { Dispatcher } from 'undici';

type Controller = Pick<Dispatcher.DispatchController, 'pause' | 'resume'>;

/** How much of one answer is processed before other work has its turn; a large read of a socket has two megabytes. */
const bytesATurn = 131_072;
/** What a chunk costs beside its bytes: 64 kB of one-byte chunks are ten thousand chunks. */
const bytesAChunk = 512;

/** A source that yields to other work when much of the answer comes at once. */
export interface PacedSource {
  readonly pause: () => void;
  readonly resume: () => void;
  /** Called for every chunk after it was processed. */
  readonly note: (chunk: Buffer) => void;
}

/** An answer pauses for two reasons: its client does not read, or it has had its turn. It resumes when neither holds. */
export function paceSource(controller: Controller): PacedSource {
  let isHeld = false;
  let isResting = false;
  let taken = 0;
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
      taken += length + bytesAChunk;
      if (taken < bytesATurn || isResting) return;
      taken = 0;
      isResting = true;
      controller.pause();
      setImmediate(() => {
        isResting = false;
        if (!isHeld) controller.resume();
      });
    },
  };
}
