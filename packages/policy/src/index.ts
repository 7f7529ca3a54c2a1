export {
  type AiAccessDetail,
  type AiAccessRequest,
  aiAccessType,
  formatAiAccess,
  parseAiAccess,
  type WrongMember,
} from './ai-access.js';
export { type Capability, capabilities, parseCapability } from './catalogue/capabilities.js';
export { describeKeyQuestion, judgeKey, type KeyQuestion, type KeyVerdict } from './catalogue/key-check.js';
export {
  createModelCatalogue,
  type ModelCatalogue,
  type ModelName,
} from './catalogue/model-catalogue.js';
export { isModelId, type Model, models } from './catalogue/models.js';
export { nameModel } from './catalogue/name-model.js';
export { findBuiltInModel, resolveModelId } from './catalogue/referred-models.js';
export { createUpstreamCatalogue, type UpstreamCatalogue } from './catalogue/upstream-catalogue.js';
export type { ChatRules, Upstream, UpstreamEntry, UsageReport } from './catalogue/upstream-entry.js';
export { readUpstreamKeys, readUpstreamUrls, upstreamVariables } from './catalogue/upstream-variables.js';
export {
  type BuiltInUpstream,
  builtInUpstreams,
  isUpstreamName,
} from './catalogue/upstreams.js';
export { type AccessRequest, buildAccessRequest } from './consent/access-request.js';
export {
  type ChoiceProblem,
  type ConsentChoice,
  type ConsentDecision,
  type ConsentProblem,
  decideConsent,
  listChoiceProblems,
} from './consent/decide-consent.js';
export {
  decideDelegation,
  includesToken,
} from './consent/decide-delegation.js';
export {
  decideIncrease,
  findIncrease,
  type GrantTerms,
  type Increase,
} from './consent/decide-increase.js';
export { findStepUpReason, type LiveGrants, largeCost, type StepUpReason } from './consent/find-step-up-reason.js';
export { type LimitUse, listLimitsBelowUse } from './consent/list-limits-below-use.js';
export { canonicalFieldName } from './fields/canonical-name.js';
export { type Field, type FieldRule, type FieldTable, harmless, type Json } from './fields/field.js';
export { isOneOf, modelNamePattern } from './fields/field-rule.js';
export { fieldTables } from './fields/field-tables.js';
export { buildRequestSchema, nameRequestSchema } from './fields/request-schema.js';
export {
  dayOf,
  endOfDay,
  endOfMonth,
  firstOfMonth,
  listDays,
  listMonths,
  monthBefore,
  parseMonth,
} from './limits/calendar.js';
export { findMostCost, type OwnerTime } from './limits/find-most-cost.js';
export { formatLimitMembers, type LimitMembers, parseLimitMembers } from './limits/limit-members.js';
export {
  type CountedKind,
  type CountKind,
  countedKinds,
  findLimitOfMember,
  isUsdKind,
  type LastingDenial,
  type LifetimeKind,
  type LimitDenial,
  type LimitKind,
  lifetimeKinds,
  limitKinds,
  limitOfDenial,
  limitTable,
  type PassingDenial,
  type RemainderKind,
  type UsageCounter,
  type UsdCounter,
  type UsdKind,
  usdKinds,
} from './limits/limit-table.js';
export {
  buildLimits,
  defaultLifetimeSeconds,
  hasSpendingLimit,
  type Limits,
  lifetimeBounds,
  mapLimitKinds,
  noLimits,
  stricterLimits,
} from './limits/limits.js';
export { chargeProduced, type Produced } from './money/charge-produced.js';
export {
  addLedgerCharges,
  type BillCharges,
  type BillComparison,
  type BillExplanation,
  compareBill,
  type LedgerCharges,
} from './money/compare-bill.js';
export { type Cost, costOf } from './money/cost.js';
export { type Answered, type Charge, decideCharge, type ObservedAnswer } from './money/decide-charge.js';
export { scaleDecimal } from './money/decimal.js';
export type { CallTerms } from './money/estimate/call-terms.js';
export type { CostProblem, CostRefusal } from './money/estimate/cost-refusal.js';
export { type Counted, type CountedInput, type CountedMedia, withMargin } from './money/estimate/counted.js';
export {
  type Estimate,
  lowerOutputLimit,
  lowerToolCalls,
  type OutputBound,
  totalTokens,
} from './money/estimate/estimate.js';
export { type EstimateResult, estimateCall, estimateUpload, withOutputLimit } from './money/estimate/estimate-call.js';
export {
  partialImageTokens,
  readHostedToolKinds,
  shownAsJson,
  speechTokensPerSecond,
} from './money/estimate/estimate-table.js';
export { boundTextTokens } from './money/estimate/text-tokens.js';
export type { Upload } from './money/estimate/upload.js';
export { type ExactUsd, parseExactUsd, roundToNanoUsd } from './money/exact-usd.js';
export { countUses, type Example, findExample } from './money/example-uses.js';
export { isCount, isJsonObject, type JsonObject } from './money/json.js';
export type { ModelLimits } from './money/model-limits.js';
export { formatDecimalUsd, formatUsd, maxNanoUsd, type NanoUsd, oneUsd, parseUsd } from './money/nano-usd.js';
export { operatorCaps, usdVariable } from './money/operator-caps.js';
export { parseTypedUsd } from './money/parse-typed-usd.js';
export type { Price } from './money/price.js';
export { createPriceCatalogue, type PriceCatalogue } from './money/price-catalogue.js';
export { type Processing, priceOfAnswer } from './money/price-of-answer.js';
export {
  type PriceOverrides,
  parsePriceOverrides,
} from './money/price-overrides.js';
export { readPriceOverrides } from './money/read-price-overrides.js';
export { unknownModels } from './money/unknown-models.js';
export { totalInputTokens, totalOutputTokens, type Usage, type UsageKind, usageKinds } from './money/usage.js';
export {
  type BodyOperationId,
  type CountedOperationId,
  type DialectOf,
  type FieldedOperationId,
  hasFields,
  isBodyOperation,
  isCountedOperation,
  type OperationId,
  type OperationIn,
  type OperationKind,
  type OperationOfKind,
  parseOperationId,
  streamsList,
  type UploadOperationId,
} from './operations/dialect-operations.js';
export { type Dialect, dialects, keyHeaders } from './operations/dialects.js';
export { findCapability, type Operation, type OperationOf } from './operations/list-operations.js';
export { decideProof } from './proofs/decide-proof.js';
export { normalizeUrl } from './proofs/normalize-url.js';
export { findProof, type Proof, parseProof } from './proofs/parse-proof.js';
export { hasSecretMember, type ProofKey } from './proofs/proof-key.js';
export { type ProofProblem, proofProblemTexts } from './proofs/proof-problem.js';
export { listScopeTokens } from './scope/list-scope-tokens.js';
export { listUselessScopeTokens } from './scope/list-useless-scope-tokens.js';
export {
  allowsCapability,
  allowsModel,
  allowsToken,
  formatScope,
  isUsable,
  namesModel,
  parseGrantedScope,
  parseScope,
  type Scope,
} from './scope/scope.js';
export {
  formatModelToken,
  ignoredScopeTokens,
  parseScopeToken,
  protocolScopeTokens,
  type ScopeToken,
} from './scope/scope-token.js';
export { isVisibleText, visibleText } from './text/visible-text.js';
