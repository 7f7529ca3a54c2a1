export { maxAccessTokenLength } from './access-token.js';
export type { components as AdminComponents } from './admin.generated.js';
export { apiTokenPrefix } from './api-token.js';
export type {
  components as AuthorizationServerComponents,
  paths as AuthorizationServerPaths,
} from './authorization-server.generated.js';
export { accountLimitName, authorizationServerPaths, formatPath, pathSegment } from './authorization-server-paths.js';
export { describeError } from './describe-error.js';
export {
  type DatabaseUrl,
  isUnverified,
  parseDatabaseUrl,
} from './environment/database-url.js';
export {
  ConfigurationError,
  defineEnvironment,
  type EnvironmentDefinition,
  type EnvironmentOf,
  type EnvironmentSource,
} from './environment/define-environment.js';
export { describeFileProblem } from './environment/describe-file-problem.js';
export { listEnvironmentWarnings } from './environment/list-environment-warnings.js';
export { knownVariables, listMisspelt } from './environment/list-misspelt.js';
export { proxyClientId } from './environment/proxy-client.js';
export { readFileVersion } from './environment/read-file-version.js';
export { describeUnreadable, SecretFiles, type SecretReader } from './environment/secret-files.js';
export { serverVariables } from './environment/server-variables.js';
export { hiddenValue, hideIfSet, type SettingInForce, showIfSet, showList } from './environment/setting-in-force.js';
export {
  baseUrl,
  databaseUrl,
  filePath,
  flag,
  integer,
  listOf,
  listOfNames,
  oneOf,
  optional,
  port,
  required,
  secret,
  text,
  type Variable,
  withDefault,
} from './environment/variable.js';
export type { ConfigurationWarning } from './environment/warning.js';
export { answerHealthBefore } from './health/answer-health.js';
export { createReadiness } from './health/create-readiness.js';
export {
  type Check,
  type Finding,
  failedCheck,
  listCheckMessages,
  passedCheck,
  Readiness,
  type ReadinessReport,
} from './health/readiness.js';
export { isError } from './is-error.js';
export { isLoopbackHost } from './loopback.js';
export {
  type CounterMetric,
  counter,
  type GaugeMetric,
  gauge,
  type HistogramMetric,
  histogram,
  type Label,
  label,
  type Metric,
  type MetricTable,
} from './metrics/define-metrics.js';
export { type Instruments, MetricsPage } from './metrics/metrics-page.js';
export { type MetricsAddress, type MetricsServer, serveMetrics } from './metrics/serve-metrics.js';
export { type PoolState, serverMetrics, watchServer } from './metrics/server-metrics.js';
export { type StatusClass, statusClassOf } from './metrics/status-class.js';
export { type LogOutput, openLogOutput } from './open-log-output.js';
export {
  loadSpecification,
  type OpenApiFile,
  openApiFiles,
  readAiAccessSchema,
  readOpenApiFile,
  type Specification,
  type SpecificationName,
  type Validator,
} from './openapi.js';
export { parseJson } from './parse-json.js';
export { FairGate, GateFullError } from './process/fair-gate.js';
export { decideHeapMegabytes, limitHeap } from './process/limit-heap.js';
export { noRepetition, type Repetition, repeatUntilClosed } from './process/repeat-until-closed.js';
export { runUntilStopped } from './process/run-until-stopped.js';
export { type ProofAlgorithm, proofAlgorithms } from './proof-algorithms.js';
export { describeSender, type Sender } from './requests/describe-sender.js';
export { findClientIpAddress } from './requests/find-client-ip-address.js';
export type { components as ResourceProxyComponents, paths as ResourceProxyPaths } from './resource-proxy.generated.js';
export { grantPath } from './resource-proxy-paths.js';
export { openTracing } from './tracing/open-tracing.js';
export { noTracing, type RequestSpan, type Tracing } from './tracing/tracing.js';
