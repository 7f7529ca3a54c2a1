export { type Configuration, type OperatorCaps, parseAddress, readConfiguration } from './configuration.js';
export { environment } from './environment.js';
export type { Failpoint, OnFailpoint } from './failpoint.js';
export { defaultLimits, type ProxyLimits } from './limits.js';
export { createLog } from './log.js';
export type { RequestSettings } from './preparing/request-rules.js';
export { parseSealingJwks, type SealingJwks } from './provider-keys/sealing-key.js';
export { Secret } from './secret.js';
export { type RunningProxy, startResourceProxy } from './start-resource-proxy.js';
