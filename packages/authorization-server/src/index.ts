export { type ClientRegistration, type Configuration, type RotatedKeys, readConfiguration } from './configuration.js';
export { environment } from './environment.js';
export { createLog } from './log.js';
export { type RunningServer, startAuthorizationServer } from './start-authorization-server.js';
