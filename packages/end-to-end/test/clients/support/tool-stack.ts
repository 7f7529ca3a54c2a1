import type { LLMock } from '@copilotkit/aimock';
import { connect } from '../../harness/connect.js';
import { type Deployment, startDeployment } from '../../harness/deployment.js';
import { operatorKey } from '../../harness/server-environments.js';
import { startSimulatedUpstream, usage } from '../../harness/simulated-upstream.js';
import { waitUntil } from '../../harness/wait-until.js';
import type { ProxyAddress } from './client-case.js';

/** The proxy's log line of one request. */
export interface ProxiedRequest {
  readonly request_id: string;
  readonly method: string;
  readonly operation?: string;
  readonly status: number;
  readonly reason: string;
  readonly dropped?: readonly string[];
}

/**
 * The arguments of calls of tools, by the name of the tool. The simulated upstream calls the first of these tools that
 * a request offers, unless the request already contains a tool's result.
 */
export type ToolArguments = Readonly<Record<string, object>>;

/** Two replicas of everything, a simulated AI provider that calls tools, and a token for all of its models. */
export interface ToolStack {
  readonly deployment: Deployment;
  readonly proxy: ProxyAddress;
  readonly upstream: LLMock;
  /** The requests since `takeRequests` was last called. Waits until there are `count`. */
  takeRequests(count: number): Promise<readonly ProxiedRequest[]>;
  stop(): Promise<void>;
}

/** @param scope what the token allows */
export async function startToolStack(toolArguments: ToolArguments, scope: string): Promise<ToolStack> {
  const upstream = await startSimulatedUpstream(operatorKey);
  callTools(upstream, toolArguments);
  const deployment = await startDeployment({ upstreamUrl: upstream.url });
  const { accessToken } = await connect(deployment, { scope });
  return {
    deployment,
    upstream,
    proxy: { url: deployment.resourceProxyUrl, accessToken },
    takeRequests: takeRequestsOf(deployment),
    stop: async () => {
      await deployment.stop();
      await upstream.stop();
    },
  };
}

export function takeRequestsOf(deployment: Deployment): ToolStack['takeRequests'] {
  const taken = new Set<string>();
  return async (count) => {
    const findNew = () => readRequests(deployment).filter((request) => !taken.has(request.request_id));
    // no error is needed: if requests are missing, the caller sees it in the result
    await waitUntil(() => findNew().length >= count, `${count} requests are in the log`, 20_000).catch(() => undefined);
    const requests = findNew();
    for (const request of requests) taken.add(request.request_id);
    return requests;
  };
}

function callTools(upstream: LLMock, toolArguments: ToolArguments): void {
  const findTool = (tools: readonly { readonly function: { readonly name: string } }[] | undefined) =>
    Object.keys(toolArguments).find((name) => tools?.some((tool) => tool.function?.name === name));
  upstream.prependFixture({
    match: { endpoint: 'chat', hasToolResult: false, predicate: ({ tools }) => findTool(tools) !== undefined },
    response: ({ tools, model }) => {
      const name = findTool(tools) ?? '';
      const toolCalls = [{ name, arguments: JSON.stringify(toolArguments[name]) }];
      // Google has no special finish reason for a tool call
      return { toolCalls, usage, ...(model.startsWith('gemini') && { finishReason: 'STOP' }) };
    },
  });
}

function readRequests(deployment: Deployment): readonly ProxiedRequest[] {
  const lines = deployment.resourceProxies.flatMap((replica) => replica.output().split('\n'));
  return lines
    .filter((line) => line.includes('"event":"proxied_request"'))
    .map((line) => JSON.parse(line) as ProxiedRequest);
}
