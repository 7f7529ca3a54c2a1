import { isDeadlock } from './sql-state.js';

const maxAttempts = 5;

/**
 * Runs a transaction, and runs it again if PostgreSQL has ended it to resolve a deadlock (SQLSTATE 40P01), at most five
 * times in all. For acts that a client must not be able to prevent, such as ending the client's access.
 * @throws the last error
 */
export async function retryDeadlocks<Result>(transact: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt += 1)
    try {
      return await transact();
    } catch (error) {
      if (attempt === maxAttempts || !isDeadlock(error)) throw error;
    }
}
