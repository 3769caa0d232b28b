// What was said in this tab, so that the last of it can be taken back, wherever one has gone since.
import { tell, token } from "./api.js";

const done = [];

// The reaction is there at once; its id comes when the service has kept it. Throws what the service refuses with.
// `shown` is what the page needs to know of it besides.
export async function say(message, said, shown = {}) {
  const reaction = { ...said, ...shown, id: null, time: new Date().toISOString(), mine: true, review: true };
  message.said.push(reaction);
  const deed = { message, reaction, kept: tell("/v1/feedback", { prediction: message.id, ...said }, token()) };
  done.push(deed);
  try {
    reaction.id = (await deed.kept).id;
  } catch (error) {
    forget(message, reaction);
    throw error;
  }
}

// The last deed, once it is kept; undefined where there is none. Whoever asks twice at once gets two.
export async function last() {
  const deed = done.pop();
  await deed?.kept.catch(() => null);
  return deed;
}

export const again = (deed) => done.push(deed);

export async function takeBack(message, reaction) {
  await tell("/v1/feedback/undo", { feedback: reaction.id });
  forget(message, reaction);
}

function forget(message, reaction) {
  const at = done.findIndex((one) => one.reaction === reaction || (reaction.id && one.reaction.id === reaction.id));
  if (at >= 0) done.splice(at, 1);
  message.said = message.said.filter((one) => one !== reaction);
}
