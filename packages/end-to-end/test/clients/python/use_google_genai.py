from common import GOOGLE, QUESTION, TOKEN, TOOL_QUESTION, get_weather, run
from google import genai
from google.genai import types

client = genai.Client(api_key=TOKEN, http_options=types.HttpOptions(base_url=GOOGLE))
MODEL = "gemini-2.5-flash"


def chat():
    return "".join(chunk.text or "" for chunk in client.chats.create(model=MODEL).send_message_stream(QUESTION))


def tool():
    config = types.GenerateContentConfig(tools=[get_weather])
    return client.models.generate_content(model=MODEL, contents=TOOL_QUESTION, config=config).text


run(chat=chat, tool=tool)
