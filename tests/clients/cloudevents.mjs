// The CloudEvents SDK sends what a shop would, in each content mode.
import { CloudEvent, HTTP, Mode, emitterFor, httpTransport } from "cloudevents";
import { check, finish } from "./checks.mjs";

const server = process.env.SERVER;
const key = process.env.KEY;
const authorization = { authorization: `Bearer ${key}` };

async function call(method, path, body) {
  const response = await fetch(server + path, {
    method,
    headers: body === undefined ? authorization : { ...authorization, "content-type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

// What HTTP.binary and HTTP.structured made of an event, on its way.
async function post(message) {
  const response = await fetch(`${server}/v1/events`, { method: "POST", headers: { ...authorization, ...message.headers }, body: message.body });
  return { status: response.status, body: await response.json() };
}

const viewed = (id, courseId, seconds = 40) => new CloudEvent({
  id, source: "/shop", type: "knowledgepay.course.viewed", subject: "cloe", time: new Date().toISOString(), data: { courseId, seconds },
});
const enrolled = (id, courseId) => new CloudEvent({ id, source: "/shop", type: "knowledgepay.course.enrolled", subject: "cloe", data: { courseId } });
const taken = (accepted, duplicates, rejected = []) => ({ status: 200, body: { accepted, duplicates, rejected } });

for (const id of ["js-101", "js-102"]) {
  const put = await call("PUT", `/v1/courses/${id}`, { title: id, category: "programming", listPrice: { currency: "CNY", minorUnits: 9900 } });
  check(`course ${id} is made`, put.status, 201);
}

const first = HTTP.binary(viewed("b1", "js-101"));
check("binary: accepted", await post(first), taken(1, 0));
check("binary: the same again is a duplicate", await post(first), taken(0, 1));
check("structured: accepted", await post(HTTP.structured(viewed("s1", "js-102"))), taken(1, 0));
check("structured: the binary one is a duplicate here too", await post(HTTP.structured(viewed("b1", "js-101"))), taken(0, 1));

const refused = await post(HTTP.structured(viewed("s2", "js-101", -1)));
check("structured: a negative number is refused", [refused.status, refused.body.type], [422, "invalid-request"]);
check("structured: the field is named", Object.keys(refused.body.errors), ["/data/seconds"]);
const unknown = await post(HTTP.binary(viewed("b2", "js-404")));
check("binary: an unknown course is refused", [unknown.status, unknown.body.type], [422, "invalid-request"]);

// The SDK itself has no batch encoder: a batch is the array of its structured events.
const batch = await post({
  headers: { "content-type": "application/cloudevents-batch+json" },
  body: JSON.stringify([enrolled("t1", "js-101"), viewed("b1", "js-101"), viewed("t2", "js-102", -1), viewed("t3", "js-102")]),
});
check("batched: good ones are kept", [batch.status, batch.body.accepted, batch.body.duplicates], [200, 2, 1]);
check("batched: the bad one is listed by place and id", batch.body.rejected.map(r => [r.index, r.id]), [[2, "t2"]]);

// The SDK's own emitter and transport, in both modes. A header that they send in an own way would show here.
for (const mode of [Mode.BINARY, Mode.STRUCTURED]) {
  const send = emitterFor(httpTransport(`${server}/v1/events`), { mode });
  const answer = await send(viewed(`e-${mode}`, "js-101"), { headers: authorization });
  check(`emitter, ${mode}: accepted`, JSON.parse(answer.body), { accepted: 1, duplicates: 0, rejected: [] });
}

const user = await call("GET", "/v1/users/cloe");
check("the person's state holds every accepted event once", [user.status, user.body.sequence], [200, 6]);
check("the person owns what was enrolled", user.body.courses.map(c => c.courseId), ["js-101"]);
const next = await call("GET", "/v1/users/cloe/recommendations?count=5");
check("what the person owns is not recommended", next.body.items.some(i => i.courseId === "js-101"), false);

finish();
