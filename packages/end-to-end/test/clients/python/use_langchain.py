from common import OPENAI, QUESTION, TOKEN, TOOL_QUESTION, get_weather, run
from langchain_core.messages import HumanMessage
from langchain_core.tools import tool as as_tool
from langchain_openai import ChatOpenAI


def chat():
    model = ChatOpenAI(model="gpt-4o-mini", base_url=OPENAI, api_key=TOKEN)
    return "".join(chunk.text for chunk in model.stream(QUESTION))


def call_tool(**options):
    weather = as_tool(get_weather)
    model = ChatOpenAI(base_url=OPENAI, api_key=TOKEN, **options).bind_tools([weather])
    messages = [HumanMessage(TOOL_QUESTION)]
    messages.append(model.invoke(messages))
    messages += [weather.invoke(call) for call in messages[-1].tool_calls]
    return model.invoke(messages).text


run(
    chat=chat,
    tool=lambda: call_tool(model="gpt-4o-mini"),
    responses=lambda: call_tool(model="gpt-5-mini", use_responses_api=True),
)
