// Every reading call of the npm client `statuspage.io` against the page at the given address, as one JSON object.
const { Statuspage } = require("statuspage.io");

const client = new Statuspage("page");
client.setApiUrl(process.argv[2]);

const calls = {
  summary: () => client.api.getSummary(),
  status: () => client.api.getStatus(),
  components: () => client.api.getComponents(),
  incidents: () => client.api.incidents.getAll(),
  unresolved: () => client.api.incidents.getUnresolved(),
  upcoming: () => client.api.scheduledMaintenances.getUpcoming(),
};

(async () => {
  const answers = {};
  for (const [name, call] of Object.entries(calls)) answers[name] = await call();
  console.log(JSON.stringify(answers));
})();
