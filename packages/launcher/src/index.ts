export { defaultProxyClientId, prepareDatabase } from './database/prepare-database.js';
export { freePort } from './free-port.js';
export { type KeyFiles, locateKeyFiles } from './keys/key-files.js';
export { makeKeyFiles } from './keys/make-key-files.js';
export { type Postgres, startPostgres } from './postgres/start-postgres.js';
export { type Server, type ServerProcess, startServer } from './start/server-process.js';
