import { nameSet } from '../name-set.js';

/** The blocks of messages: https://docs.claude.com/en/api/messages */
export const anthropicContent = nameSet(
  'text image document search_result thinking redacted_thinking tool_use tool_result tool_reference',
  // From earlier turns: calls and results of tools that the vendor ran, and other blocks that only answers have.
  'server_tool_use web_search_tool_result web_search_result web_fetch_tool_result web_fetch_result',
  'code_execution_tool_result code_execution_output bash_code_execution_tool_result bash_code_execution_output',
  'text_editor_code_execution_tool_result tool_search_tool_result',
  'advisor_tool_result mcp_tool_use mcp_tool_result mcp_tool_listing compaction fallback',
  // Changes to the available tools. Tools that they add are checked like the tools in `tools`.
  'tool_addition tool_removal',
);
