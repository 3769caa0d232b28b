// Feedback sent from this tab, so that the last of it can be undone on any page.
import { post, randomToken } from "./api.js";

const sent = [];

// Adds the feedback to the message at once; its id arrives when the service has saved it. Throws the service's error.
// `shown` are further fields that only the page needs.
export async function sendFeedback(message, feedback, shown = {}) {
  const reaction = { ...feedback, ...shown, id: null, time: new Date().toISOString(), mine: true, review: true };
  message.said.push(reaction);
  const action = { message, reaction, response: post("/v1/feedback", { prediction: message.id, ...feedback }, randomToken()) };
  sent.push(action);
  try {
    reaction.id = (await action.response).id;
  } catch (error) {
    remove(message, reaction);
    throw error;
  }
}

// The last action, once the service has saved it; undefined if there is none. Each call takes another action.
export async function takeLastAction() {
  const action = sent.pop();
  await action?.response.catch(() => null);
  return action;
}

export const restoreAction = (action) => sent.push(action);

export async function undoFeedback(message, reaction) {
  await post("/v1/feedback/undo", { feedback: reaction.id });
  remove(message, reaction);
}

function remove(message, reaction) {
  const at = sent.findIndex((action) => action.reaction === reaction || (reaction.id && action.reaction.id === reaction.id));
  if (at >= 0) sent.splice(at, 1);
  message.said = message.said.filter((row) => row !== reaction);
}
