export {
  type AiAccessDetail,
  type AiAccessParse,
  type AiAccessRequest,
  aiAccessType,
  formatAiAccess,
  parseAiAccess,
} from './ai-access.js';
export { type Capability, capabilities, capabilityDescriptions, parseCapability } from './catalogue/capabilities.js';
export { findModel, findModelOf, type Model, models } from './catalogue/models.js';
export { parseUpstream, type Upstream, upstreamNames, upstreams } from './catalogue/upstreams.js';
export { type AccessRequest, buildAccessRequest } from './consent/access-request.js';
export {
  type ConsentChoice,
  type ConsentDecision,
  type ConsentProblem,
  decideConsent,
} from './consent/decide-consent.js';
export {
  defaultLifetimeSeconds,
  type LimitKind,
  type Limits,
  lifetimeBounds,
  limitKinds,
  limitMaxima,
  noLimits,
  tightest,
} from './limits.js';
export { formatDecimalUsd, formatUsd, type NanoUsd, parseUsd } from './money/nano-usd.js';
export { type Operation, operations } from './operations.js';
export { describeScopeToken, type ScopeTokenDescription } from './scope/describe-scope-token.js';
export {
  allowsCapability,
  allowsModel,
  coversScope,
  formatScope,
  isUsable,
  parseGrantedScope,
  parseScope,
  type Scope,
  type ScopeParse,
} from './scope/scope.js';
export { parseScopeToken, protocolScopeTokens, type ScopeToken } from './scope/scope-token.js';
