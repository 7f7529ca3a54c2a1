import { isError } from '@aipassport/contracts';

/** How much the next step of something long does. */
export interface StepSize {
  readonly rows: number;
  /** A step was cancelled for its time: the next ones are smaller. @throws the error, when it was another one, or no step is small enough */
  readonly shrink: (error: unknown) => void;
}

const minRows = 20;

/** Steps that get smaller where the database is slow, so that each ends within a statement's time. */
export function createStepSize(rows: number): StepSize {
  let current = rows;
  return {
    get rows() {
      return current;
    },
    shrink: (error) => {
      // SQLSTATE 57014: the statement timeout
      const wasCancelled = isError(error) && 'code' in error && error.code === '57014';
      if (!wasCancelled || current <= minRows) throw error;
      current = Math.max(minRows, Math.floor(current / 4));
    },
  };
}
