/** Where a tool is pointed at, and the key that it is given. */
export interface ProxyAddress {
  readonly url: string;
  /** SECRET. A delegated token, in the place of the API key. */
  readonly accessToken: string;
}

/** One thing that people do with a tool. */
export interface ClientCase {
  readonly title: string;
  /** The operations that it calls. Each is answered with 200, unless another status stands behind it. */
  readonly requests: readonly string[];
  /** What the proxy leaves out of these requests. */
  readonly drops?: readonly string[];
  /** What the last text says, where it is not the answer that the simulated AI provider always gives. */
  readonly answer?: string;
  /** @returns the last text that the tool got from the model */
  readonly run: (proxy: ProxyAddress) => Promise<string>;
}

/** A tool with what is done with it. */
export interface ClientTool {
  readonly name: string;
  readonly cases: readonly ClientCase[];
}

export const question = 'What is the capital of France?';
/** A question that is answered after one call of the tool below. */
export const toolQuestion = 'What is the weather in Paris?';
export const weatherTool = 'get_weather';
export const weatherToolDescription = 'Tells the weather of a city.';
export const weather = 'Sunny, 21 degrees.';
