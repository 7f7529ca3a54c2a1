import { type Finding, failedCheck, passedCheck } from '@aipassport/contracts';
import { findDatabaseProblem } from './when-database-answers.js';

/**
 * Runs work on the database as a health check.
 * @returns a passed check, or a failed one with a message that contains no secret
 */
export async function checkDatabase(work: () => Promise<unknown>): Promise<Finding> {
  try {
    await work();
    return passedCheck;
  } catch (error) {
    return failedCheck(findDatabaseProblem(error)?.message ?? 'the database refuses a statement of this server');
  }
}
