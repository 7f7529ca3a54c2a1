import type { Dispatcher } from 'undici';

type Controller = Pick<Dispatcher.DispatchController, 'pause' | 'resume'>;

/**
 * How many bytes of one answer are processed before the event loop can do other work. One large read of a socket can
 * return two megabytes.
 */
const bytesATurn = 131_072;
/**
 * Added to the size of each chunk, because even a chunk of one byte takes time. In chunked encoding, a chunk of one
 * byte has five more bytes around it, so 64 kB from a socket can contain ten thousand chunks.
 */
const bytesAChunk = 512;

/** A source that yields to other work when much of the answer arrives at once. */
export interface PacedSource {
  readonly pause: () => void;
  readonly resume: () => void;
  /** Called for every chunk after it was processed. */
  readonly note: (chunk: Buffer) => void;
}

/**
 * An answer is paused while its client does not read. It is also paused after `bytesATurn` bytes, until the next turn
 * of the event loop.
 */
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
