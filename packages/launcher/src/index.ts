export { type KeyFiles, locateKeyFiles } from './keys/key-files.js';
export { makeKeyFiles } from './keys/make-key-files.js';
export { prepareDatabase, proxyClientId } from './database/prepare-database.js';
