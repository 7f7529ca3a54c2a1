import { readEnvironment } from './environment.js';
import { createLog, describeError } from './log.js';
import { startDemoApp } from './start-demo-app.js';

const log = createLog();

try {
  const demoApp = await startDemoApp(readEnvironment(process.env), { log });
  log('listening', { url: demoApp.url });

  const stop = async (): Promise<void> => {
    await demoApp.close();
    log('stopped');
    process.exit(0);
  };
  process.once('SIGINT', () => void stop());
  process.once('SIGTERM', () => void stop());
  process.once('disconnect', () => void stop()); // the parent process has ended
} catch (error) {
  log('start_failed', describeError(error));
  process.exitCode = 1;
}
