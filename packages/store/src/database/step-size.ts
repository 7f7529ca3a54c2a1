import { readSqlState } from './sql-state.js';

/** The size of the next step of a long job. */
export interface StepSize {
  readonly rows: number;
  /**
   * Called with a step's error. After a timeout the next steps are smaller.
   * @throws the same error when it is not a timeout, or when the step cannot be smaller
   */
  readonly shrink: (error: unknown) => void;
}

const minRows = 20;

/** Steps that get smaller when the database is slow, so that each ends within the statement timeout. */
export function createStepSize(rows: number): StepSize {
  let current = rows;
  return {
    get rows() {
      return current;
    },
    shrink: (error) => {
      // SQLSTATE 57014: the statement timeout
      const wasCancelled = readSqlState(error) === '57014';
      if (!wasCancelled || current <= minRows) throw error;
      current = Math.max(minRows, Math.floor(current / 4));
    },
  };
}
