CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL);

CREATE TABLE epochs(id BIGINT PRIMARY KEY, epoch BIGINT NOT NULL);

CREATE TABLE leases(
  scope TEXT NOT NULL, claim TEXT NOT NULL, mode TEXT NOT NULL, holder TEXT NOT NULL, run TEXT, reason TEXT,
  sticky BIGINT NOT NULL, epoch BIGINT NOT NULL, acquired_at BIGINT NOT NULL, expires_at BIGINT NOT NULL,
  PRIMARY KEY(scope, claim));

CREATE INDEX leases_claim ON leases(claim, sticky, expires_at);

CREATE TABLE audit(
  seq BIGINT PRIMARY KEY, at BIGINT NOT NULL, run TEXT NOT NULL, event TEXT NOT NULL, body TEXT NOT NULL,
  previous TEXT NOT NULL, hash TEXT NOT NULL);

CREATE INDEX audit_run ON audit(run, seq);

CREATE TABLE audit_head(id BIGINT PRIMARY KEY, seq BIGINT NOT NULL, hash TEXT NOT NULL);

CREATE TABLE anchors(sink TEXT PRIMARY KEY, seq BIGINT NOT NULL, lines BIGINT NOT NULL);

CREATE TABLE runs(
  id TEXT PRIMARY KEY, begun BIGINT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, runbook_name TEXT,
  runbook_version TEXT, runbook_sha256 TEXT, runbook_path TEXT, arguments TEXT NOT NULL, hosts TEXT NOT NULL,
  plan_hash TEXT, parent TEXT, state TEXT NOT NULL, state_reason TEXT, epoch BIGINT, claim TEXT,
  operator_name TEXT NOT NULL, login TEXT NOT NULL, host TEXT NOT NULL, boot TEXT NOT NULL, pid BIGINT NOT NULL,
  start_ticks BIGINT NOT NULL, tty TEXT NOT NULL, opsh_version TEXT NOT NULL, opsh_digest TEXT NOT NULL,
  started_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, ended_at BIGINT, exit_code BIGINT);

CREATE INDEX runs_begun ON runs(begun);

CREATE INDEX runs_state ON runs(state, begun);

CREATE INDEX runs_name ON runs(name, begun);

CREATE INDEX runs_parent ON runs(parent);

CREATE TABLE steps(
  run TEXT NOT NULL REFERENCES runs(id), path TEXT NOT NULL, begun BIGINT NOT NULL, arguments_hash TEXT NOT NULL,
  attempt BIGINT NOT NULL, state TEXT NOT NULL, result TEXT, failure TEXT, reason TEXT, began_at BIGINT NOT NULL,
  ended_at BIGINT, PRIMARY KEY(run, path));

CREATE TABLE operations(
  run TEXT NOT NULL REFERENCES runs(id), key TEXT NOT NULL, begun BIGINT NOT NULL, step TEXT NOT NULL,
  kind TEXT NOT NULL, target TEXT NOT NULL, effect TEXT NOT NULL, summary TEXT NOT NULL, content TEXT NOT NULL,
  state TEXT NOT NULL, outcome TEXT, inverse TEXT, failure TEXT, epoch BIGINT, intended_at BIGINT NOT NULL,
  settled_at BIGINT, adopted BIGINT NOT NULL, resolution TEXT, PRIMARY KEY(run, key));

CREATE INDEX operations_state ON operations(state, run);

CREATE TABLE reads(
  run TEXT NOT NULL REFERENCES runs(id), key TEXT NOT NULL, content TEXT NOT NULL, PRIMARY KEY(run, key));

CREATE TABLE texts(hash TEXT PRIMARY KEY, seq BIGINT NOT NULL, content TEXT NOT NULL);

CREATE INDEX texts_seq ON texts(seq);

CREATE TABLE questions(
  run TEXT NOT NULL REFERENCES runs(id), id TEXT NOT NULL, step TEXT NOT NULL, begun BIGINT NOT NULL,
  words TEXT NOT NULL, choices TEXT NOT NULL, evidence TEXT NOT NULL, asked_at BIGINT NOT NULL, answer TEXT,
  answered_by TEXT, answered_at BIGINT, PRIMARY KEY(run, id));

CREATE TABLE approvals(
  id TEXT PRIMARY KEY, plan_hash TEXT NOT NULL, hosts_hash TEXT NOT NULL, name TEXT NOT NULL,
  requester TEXT NOT NULL, approver TEXT NOT NULL, reason TEXT NOT NULL, document TEXT NOT NULL,
  signature TEXT NOT NULL, max_uses BIGINT NOT NULL, uses BIGINT NOT NULL, created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL);

CREATE INDEX approvals_plan ON approvals(plan_hash, created_at);

CREATE TABLE bad_releases(
  digest TEXT PRIMARY KEY, image TEXT NOT NULL, run TEXT NOT NULL, reason TEXT NOT NULL, marked_by TEXT NOT NULL,
  marked_at BIGINT NOT NULL);

CREATE TABLE fidelity(
  run TEXT NOT NULL, kind TEXT NOT NULL, predicted BIGINT NOT NULL, matched BIGINT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY(run, kind));

INSERT INTO meta VALUES ('journal', '91a3c5531d38768d');

INSERT INTO meta VALUES ('schema', '1');

INSERT INTO epochs VALUES (1, 1795912938);

INSERT INTO audit VALUES (1, 1795912936056, '20261129-004216-6f69509a', 'lock.grant', '{"claim":"20261129-004216-6f69509a.fe1d2cdb.29924.150351","epoch":1795912936,"holder":"root@desk[29924]","reason":"fleet.exec","run":"20261129-004216-6f69509a","scopes":["host/web1"],"sticky":false,"taken_over":[],"who":{"host":"desk","operator":"root","pid":29924,"tty":"","user":"root"}}', '', 'a16cdc101aca0a8491edf8e2ffa240d09b7a5a8d12d9cac8662331d6566d6646');

INSERT INTO audit VALUES (2, 1795912936060, '20261129-004216-6f69509a', 'run.begin', '{"arguments":{"cmd":"echo hi","on":"web1","timeout":{"$number":"60.0"}},"claim":"20261129-004216-6f69509a.fe1d2cdb.29924.150351","epoch":1795912936,"hosts":["web1"],"kind":"call","name":"fleet.exec","operator":"root","opsh":{"boot":"fe1d2cdb-d708-4e4d-9e4f-2b2746ecaf53","sha256":"f7b516977f4af0937d7d3f70fcdb37b7e90a76db4f65c9f2bd512310f9433945","start_ticks":150351,"version":"0.1.0"},"parent":null,"plan":null,"who":{"host":"desk","operator":"root","pid":29924,"tty":"","user":"root"}}', 'a16cdc101aca0a8491edf8e2ffa240d09b7a5a8d12d9cac8662331d6566d6646', '454434042d6ebd468b2d52343c530de6432eb246dd16aeebae41aff9c6cff589');

INSERT INTO audit VALUES (3, 1795912936116, '20261129-004216-6f69509a', 'operation.intend', '{"effect":"changes","epoch":1795912936,"host":"web1","key":"host.script.install@.opsh/bin/host-9b3de4cb6ac0718edbe06c2b57c05ccd3029670448b183660069205609350603.sh on web1#f3ddf7346d97","kind":"host.script.install","operation":{"host":{"address":"127.0.0.1","kind":"local","name":"web1","port":22,"user":"root"},"runtime":{"name":"process","script":{"sha256":"9b3de4cb6ac0718edbe06c2b57c05ccd3029670448b183660069205609350603"}}},"step":"","summary":"install the host script 9b3de4cb6ac0 on web1","who":{"host":"desk","operator":"root","pid":29924,"tty":"","user":"root"}}', '454434042d6ebd468b2d52343c530de6432eb246dd16aeebae41aff9c6cff589', '1c16ad23b3dd87f9fd7cf1f5911406dfe29a81992ce3f8bcc1ba8fa44348366c');

INSERT INTO audit VALUES (4, 1795912936440, '20261129-004216-6f69509a', 'operation.settle', '{"adopted":false,"inverse_sha256":null,"key":"host.script.install@.opsh/bin/host-9b3de4cb6ac0718edbe06c2b57c05ccd3029670448b183660069205609350603.sh on web1#f3ddf7346d97","outcome_sha256":"68a8b2bf898e3acf8e7ded10d851cc948c2225fd1de64169d2efec17839bd9a5","reversible":false,"status":"done","who":{"host":"desk","operator":"root","pid":29924,"tty":"","user":"root"}}', '1c16ad23b3dd87f9fd7cf1f5911406dfe29a81992ce3f8bcc1ba8fa44348366c', 'e2bddf156ec03ab1eaedd18e2fd08232aafb9134dbb8adba60fcadc644b2f8ac');

INSERT INTO audit VALUES (5, 1795912936442, '20261129-004216-6f69509a', 'operation.intend', '{"effect":"changes","epoch":1795912936,"host":"web1","key":"host.exec@web1#79791d353d2c","kind":"host.exec","operation":{"command":"=echo hi","given":"=","host":{"address":"127.0.0.1","kind":"local","name":"web1","port":22,"user":"root"},"runtime":{"name":"process","script":{"sha256":"9b3de4cb6ac0718edbe06c2b57c05ccd3029670448b183660069205609350603"}},"timeout":60},"step":"","summary":"run on web1: echo hi","who":{"host":"desk","operator":"root","pid":29924,"tty":"","user":"root"}}', 'e2bddf156ec03ab1eaedd18e2fd08232aafb9134dbb8adba60fcadc644b2f8ac', '8ffe2dbca35da215048ba303b8f3e6b15feb61d68a9c4eda17ab3138a08a5628');

INSERT INTO audit VALUES (6, 1795912936718, '20261129-004216-6f69509a', 'operation.settle', '{"adopted":false,"inverse_sha256":null,"key":"host.exec@web1#79791d353d2c","outcome_sha256":"2bb7bf6fa948b34e477e7dd0cea21d96b28706641cb9726e256ffca44319a913","reversible":false,"status":"done","who":{"host":"desk","operator":"root","pid":29924,"tty":"","user":"root"}}', '8ffe2dbca35da215048ba303b8f3e6b15feb61d68a9c4eda17ab3138a08a5628', 'fb76d5924998c834efe24b5746c0271f55800723b7400c4677f41c6d6573fab9');

INSERT INTO audit VALUES (7, 1795912936722, '20261129-004216-6f69509a', 'run.state', '{"exit_code":0,"reason":null,"state":"ok","who":{"host":"desk","operator":"root","pid":29924,"tty":"","user":"root"}}', 'fb76d5924998c834efe24b5746c0271f55800723b7400c4677f41c6d6573fab9', '9a7faade1df44fe4ad0044d62588fe16173c0b582248b2f120cd3bfd5bd2b5ba');

INSERT INTO audit VALUES (8, 1795912936726, '20261129-004216-6f69509a', 'lock.release', '{"claim":"20261129-004216-6f69509a.fe1d2cdb.29924.150351","epoch":1795912936,"holder":"root@desk[29924]","reason":"fleet.exec","run":"20261129-004216-6f69509a","scopes":["host/web1"],"sticky":false,"who":{"host":"desk","operator":"root","pid":29924,"tty":"","user":"root"}}', '9a7faade1df44fe4ad0044d62588fe16173c0b582248b2f120cd3bfd5bd2b5ba', '4e2ad748fdfca643f89d88661fb585cbfb86f43e913846c23ca9f52fcbd2c85a');

INSERT INTO audit VALUES (9, 1795912936920, '20261129-004216-b9896d7e', 'lock.grant', '{"claim":"20261129-004216-b9896d7e.fe1d2cdb.30046.150484","epoch":1795912937,"holder":"root@desk[30046]","reason":"touch","run":"20261129-004216-b9896d7e","scopes":["host/web1"],"sticky":false,"taken_over":[],"who":{"host":"desk","operator":"root","pid":30046,"tty":"","user":"root"}}', '4e2ad748fdfca643f89d88661fb585cbfb86f43e913846c23ca9f52fcbd2c85a', '86d5b7666e53152744830140104cf7d81e0262b8dd4397ae90ac103c7e6b2e41');

INSERT INTO audit VALUES (10, 1795912937035, '20261129-004216-b9896d7e', 'run.begin', '{"arguments":{},"claim":"20261129-004216-b9896d7e.fe1d2cdb.30046.150484","epoch":1795912937,"hosts":["web1"],"kind":"runbook","name":"touch","operator":"root","opsh":{"boot":"fe1d2cdb-d708-4e4d-9e4f-2b2746ecaf53","sha256":"f7b516977f4af0937d7d3f70fcdb37b7e90a76db4f65c9f2bd512310f9433945","start_ticks":150484,"version":"0.1.0"},"parent":null,"plan":"a997b143425afc922c66db4b9c8fe991926e5b1f03d4f44f38a8de7e08812205","runbook":{"name":"touch","path":"touch.lua","sha256":"4712880074d1fcc7238830e644f2256360d3766c36c90efb606f63ee3ab5967a","version":"1.0.0"},"who":{"host":"desk","operator":"root","pid":30046,"tty":"","user":"root"}}', '86d5b7666e53152744830140104cf7d81e0262b8dd4397ae90ac103c7e6b2e41', '29490176422617e6cfeb6e5214d8e115bb6cb9badfcff49090082d96c05c7806');

INSERT INTO audit VALUES (11, 1795912937035, '20261129-004216-b9896d7e', 'read.keep', '{"answer_sha256":"38418c3a73e5d0d0cfc8f3ae57d370258d83dcbe93400c845d75e2c83d25c0aa","key":"plan","who":{"host":"desk","operator":"root","pid":30046,"tty":"","user":"root"}}', '29490176422617e6cfeb6e5214d8e115bb6cb9badfcff49090082d96c05c7806', '886a3a130c012e371d3a9685b1ec9e31a0fbe97c94c5a7ad951457a36957e086');

INSERT INTO audit VALUES (12, 1795912937035, '20261129-004216-b9896d7e', 'read.keep', '{"answer_sha256":"8a26a51d3d98729fafa6d5580b376a4bf0029d0c9cd21ad2e8f4b2747d592f15","key":"seed","who":{"host":"desk","operator":"root","pid":30046,"tty":"","user":"root"}}', '886a3a130c012e371d3a9685b1ec9e31a0fbe97c94c5a7ad951457a36957e086', '0b2fe8552dd48af4ebf71451d8605081cfaa1f5091567b30e6b47d0d0ac9e1d5');

INSERT INTO audit VALUES (13, 1795912937035, '20261129-004216-b9896d7e', 'question.ask', '{"choices":[],"evidence":"type 1","question":"proceed","step":"","text":"Proceed? the number of hosts,","who":{"host":"desk","operator":"root","pid":30046,"tty":"","user":"root"}}', '0b2fe8552dd48af4ebf71451d8605081cfaa1f5091567b30e6b47d0d0ac9e1d5', '75c111c4bbe5e09526052c475b9217a9a5b08a88b52ae584d627fa2332fafca5');

INSERT INTO audit VALUES (14, 1795912937035, '20261129-004216-b9896d7e', 'question.answer', '{"answer":"1","by":"--yes","question":"proceed","who":{"host":"desk","operator":"root","pid":30046,"tty":"","user":"root"}}', '75c111c4bbe5e09526052c475b9217a9a5b08a88b52ae584d627fa2332fafca5', '5bc4f1f40007724ca5d1dee4c0f94fa511cba53bb70a5b5b46683237d6db22e5');

INSERT INTO audit VALUES (15, 1795912937045, '20261129-004216-b9896d7e', 'step.begin', '{"arguments_sha256":"44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","attempt":1,"step":"first","who":{"host":"desk","operator":"root","pid":30046,"tty":"","user":"root"}}', '5bc4f1f40007724ca5d1dee4c0f94fa511cba53bb70a5b5b46683237d6db22e5', '0594d97436c978620a0f3e7c0185fbb0209d11ca3d7739aa0d9eb68decb7e8ca');

INSERT INTO audit VALUES (16, 1795912937053, '20261129-004216-b9896d7e', 'operation.intend', '{"effect":"changes","epoch":1795912937,"host":"web1","key":"first/host.exec@web1#f9921bc95276","kind":"host.exec","operation":{"command":"=true","given":"=","host":{"address":"127.0.0.1","kind":"local","name":"web1","port":22,"user":"root"},"runtime":{"name":"process","script":{"sha256":"9b3de4cb6ac0718edbe06c2b57c05ccd3029670448b183660069205609350603"}},"timeout":60},"step":"first","summary":"run on web1: true","who":{"host":"desk","operator":"root","pid":30046,"tty":"","user":"root"}}', '0594d97436c978620a0f3e7c0185fbb0209d11ca3d7739aa0d9eb68decb7e8ca', 'aeb704a2cd66e9bb3e7d482c3a8667d52db0292f1c19d9d8106d221b5d3f5cba');

INSERT INTO audit VALUES (17, 1795912937452, '20261129-004216-b9896d7e', 'operation.settle', '{"adopted":false,"inverse_sha256":null,"key":"first/host.exec@web1#f9921bc95276","outcome_sha256":"292bdd1651cef77ddc4c26a19045d20ce198c13a72f475acec8c7dd0a2463be0","reversible":false,"status":"done","who":{"host":"desk","operator":"root","pid":30046,"tty":"","user":"root"}}', 'aeb704a2cd66e9bb3e7d482c3a8667d52db0292f1c19d9d8106d221b5d3f5cba', '2de0accf67351d6cd8a848d1216d3dec9a2473aa1b785ec6ea02e11c30c7883f');

INSERT INTO audit VALUES (18, 1795912937493, '20261129-004216-b9896d7e', 'step.end', '{"failure":null,"reason":null,"result_sha256":"74234e98afe7498fb5daf1f36ac2d78acc339464f950703b8c019892f982b90b","state":"ok","step":"first","who":{"host":"desk","operator":"root","pid":30046,"tty":"","user":"root"}}', '2de0accf67351d6cd8a848d1216d3dec9a2473aa1b785ec6ea02e11c30c7883f', '110d8cf10212a49538818a7b5271589602736627b7b77b7b1618829464be3624');

INSERT INTO audit VALUES (19, 1795912937531, '20261129-004216-b9896d7e', 'step.begin', '{"arguments_sha256":"44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","attempt":1,"step":"second","who":{"host":"desk","operator":"root","pid":30046,"tty":"","user":"root"}}', '110d8cf10212a49538818a7b5271589602736627b7b77b7b1618829464be3624', 'dc771a180ba4b4b48716f44edff6bb39332a8fa56e0736857dd629b172f9b29b');

INSERT INTO audit VALUES (20, 1795912937543, '20261129-004216-b9896d7e', 'operation.intend', '{"effect":"changes","epoch":1795912937,"host":"web1","key":"second/host.exec@web1#cda253ea854f","kind":"host.exec","operation":{"command":"=false","given":"=","host":{"address":"127.0.0.1","kind":"local","name":"web1","port":22,"user":"root"},"runtime":{"name":"process","script":{"sha256":"9b3de4cb6ac0718edbe06c2b57c05ccd3029670448b183660069205609350603"}},"timeout":60},"step":"second","summary":"run on web1: false","who":{"host":"desk","operator":"root","pid":30046,"tty":"","user":"root"}}', 'dc771a180ba4b4b48716f44edff6bb39332a8fa56e0736857dd629b172f9b29b', '884e70637368805478ea4507a660eea37b18093fcb8db7c2f0e7524265b2029c');

INSERT INTO audit VALUES (21, 1795912937913, '20261129-004216-b9896d7e', 'operation.settle', '{"adopted":false,"inverse_sha256":null,"key":"second/host.exec@web1#cda253ea854f","outcome_sha256":"547fe5667fa6ac2d67789b050c015ddb93df8e51cec1c9d988edf0f839511154","reversible":false,"status":"done","who":{"host":"desk","operator":"root","pid":30046,"tty":"","user":"root"}}', '884e70637368805478ea4507a660eea37b18093fcb8db7c2f0e7524265b2029c', '2b465ca2155b87f9245afb74b267fdfac8842e3054464ca809320607ee63762e');

INSERT INTO audit VALUES (22, 1795912937915, '20261129-004216-b9896d7e', 'step.end', '{"failure":{"code":"change.failed","hint":"with check=false the call answers, and the runbook decides","message":"fleet.exec: web1: status 1","trace":["touch.lua:6"]},"reason":null,"result_sha256":null,"state":"failed","step":"second","who":{"host":"desk","operator":"root","pid":30046,"tty":"","user":"root"}}', '2b465ca2155b87f9245afb74b267fdfac8842e3054464ca809320607ee63762e', 'd3f4adf8f80ff222b9e0b6d30a36d1cd7ab60f794a13a65103252f0cb676573f');

INSERT INTO audit VALUES (23, 1795912937926, '20261129-004216-b9896d7e', 'run.fidelity', '{"kind":"host.exec","matched":0,"predicted":0,"who":{"host":"desk","operator":"root","pid":30046,"tty":"","user":"root"}}', 'd3f4adf8f80ff222b9e0b6d30a36d1cd7ab60f794a13a65103252f0cb676573f', '51289bd2f846282ace78a3189616a974328b0a2a89fcd35bfc60f1a727b05919');

INSERT INTO audit VALUES (24, 1795912937932, '20261129-004216-b9896d7e', 'step.reopen', '{"attempt":2,"step":"second","who":{"host":"desk","operator":"root","pid":30046,"tty":"","user":"root"}}', '51289bd2f846282ace78a3189616a974328b0a2a89fcd35bfc60f1a727b05919', '9336a1e5294c88914c1593e5c1965b21b8d8b71af772f7e72016fc8e9c877fb6');

INSERT INTO audit VALUES (25, 1795912937935, '20261129-004216-b9896d7e', 'run.state', '{"exit_code":2,"reason":"fleet.exec: web1: status 1","state":"failed","who":{"host":"desk","operator":"root","pid":30046,"tty":"","user":"root"}}', '9336a1e5294c88914c1593e5c1965b21b8d8b71af772f7e72016fc8e9c877fb6', '9ec0ab4722411e7f4f289bb6a9a7f853bfeddd4f245092dc9a41b26bf60a66da');

INSERT INTO audit VALUES (26, 1795912937937, '20261129-004216-b9896d7e', 'lock.release', '{"claim":"20261129-004216-b9896d7e.fe1d2cdb.30046.150484","epoch":1795912937,"holder":"root@desk[30046]","reason":"touch","run":"20261129-004216-b9896d7e","scopes":["host/web1"],"sticky":false,"who":{"host":"desk","operator":"root","pid":30046,"tty":"","user":"root"}}', '9ec0ab4722411e7f4f289bb6a9a7f853bfeddd4f245092dc9a41b26bf60a66da', 'db00d101e151bf38fd578941b187528f4101d3106974f293cc73445ff3c339a5');

INSERT INTO audit VALUES (27, 1795912938133, '', 'lock.take', '{"claim":"hand.20261129-004218-34c37ed6","epoch":1795912938,"holder":"root@desk[30197]","reason":"its clock is wrong","run":null,"scopes":["host/web2"],"sticky":true,"taken_over":[],"who":{"host":"desk","operator":"root","pid":30197,"tty":"","user":"root"}}', 'db00d101e151bf38fd578941b187528f4101d3106974f293cc73445ff3c339a5', '0f6564b191a32c3a71ad3b21bad4bc6ea405f7a69ca6d2f5561f4d17facfe8e4');

INSERT INTO audit VALUES (28, 1795912954846, '20261129-004234-c95c1f53', 'run.begin', '{"arguments":{},"claim":null,"epoch":null,"hosts":["web1"],"kind":"runbook","name":"rest","operator":"root","opsh":{"boot":"fe1d2cdb-d708-4e4d-9e4f-2b2746ecaf53","sha256":"f7b516977f4af0937d7d3f70fcdb37b7e90a76db4f65c9f2bd512310f9433945","start_ticks":152256,"version":"0.1.0"},"parent":null,"plan":"588c6ae411b996456918615e88f3586c51873e327ed4564dee7f8f81a7c4ff59","runbook":{"name":"rest","path":"rest.lua","sha256":"9a274787add68e5f611c9d0ddefe10ed4c80a728b16e4bc55e6436e19d24c4db","version":"1.0.0"},"who":{"host":"desk","operator":"root","pid":31002,"tty":"","user":"root"}}', '0f6564b191a32c3a71ad3b21bad4bc6ea405f7a69ca6d2f5561f4d17facfe8e4', 'e7556ffa3607abe23ddf7b6464f6293368127f75a99219e8727da038b4aa8e5c');

INSERT INTO audit VALUES (29, 1795912954846, '20261129-004234-c95c1f53', 'read.keep', '{"answer_sha256":"ee3cd405f01391459ef50442452fa331cc39c91922238f9057fa44585366ad1a","key":"plan","who":{"host":"desk","operator":"root","pid":31002,"tty":"","user":"root"}}', 'e7556ffa3607abe23ddf7b6464f6293368127f75a99219e8727da038b4aa8e5c', '4dc6cc2fb83c6a1267ecc7bc3a91b26f3b89a5ea0d6d613686ccf62aba6cc803');

INSERT INTO audit VALUES (30, 1795912954846, '20261129-004234-c95c1f53', 'read.keep', '{"answer_sha256":"263dc14f2bffbeb48edf32919beb4817d2d079942bc41f9f2ffb7c554a0da53e","key":"seed","who":{"host":"desk","operator":"root","pid":31002,"tty":"","user":"root"}}', '4dc6cc2fb83c6a1267ecc7bc3a91b26f3b89a5ea0d6d613686ccf62aba6cc803', '46657e9a3107a623d62169c486c3ce70029d7544327db349d7296ee3288375c4');

INSERT INTO audit VALUES (31, 1795912954846, '20261129-004234-c95c1f53', 'question.ask', '{"choices":[],"evidence":"type 1","question":"proceed","step":"","text":"Proceed? the number of hosts,","who":{"host":"desk","operator":"root","pid":31002,"tty":"","user":"root"}}', '46657e9a3107a623d62169c486c3ce70029d7544327db349d7296ee3288375c4', '44f7c181169af64ec9acb4b7a14d2f9ebf29468b00e1b38476fefd47dbdea99f');

INSERT INTO audit VALUES (32, 1795912954846, '20261129-004234-c95c1f53', 'question.answer', '{"answer":"1","by":"--yes","question":"proceed","who":{"host":"desk","operator":"root","pid":31002,"tty":"","user":"root"}}', '44f7c181169af64ec9acb4b7a14d2f9ebf29468b00e1b38476fefd47dbdea99f', '01a548897bc63b85350a15bf40dfac8ba417100a11c2c41b64bb8396a1d42b44');

INSERT INTO audit VALUES (33, 1795912954873, '20261129-004234-c95c1f53', 'step.begin', '{"arguments_sha256":"44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","attempt":1,"step":"first","who":{"host":"desk","operator":"root","pid":31002,"tty":"","user":"root"}}', '01a548897bc63b85350a15bf40dfac8ba417100a11c2c41b64bb8396a1d42b44', 'a06ce0ffb2617e2687556963e9a97173fd582150b6501bed7db53d1793a621f8');

INSERT INTO audit VALUES (34, 1795912954893, '20261129-004234-c95c1f53', 'operation.intend', '{"effect":"changes","epoch":null,"host":"web1","key":"first/host.exec@web1#f9921bc95276","kind":"host.exec","operation":{"command":"=true","given":"=","host":{"address":"127.0.0.1","kind":"local","name":"web1","port":22,"user":"root"},"runtime":{"name":"process","script":{"sha256":"9b3de4cb6ac0718edbe06c2b57c05ccd3029670448b183660069205609350603"}},"timeout":60},"step":"first","summary":"run on web1: true","who":{"host":"desk","operator":"root","pid":31002,"tty":"","user":"root"}}', 'a06ce0ffb2617e2687556963e9a97173fd582150b6501bed7db53d1793a621f8', 'efc4d400914f6cbd6f884b2a6041143a8b469be22e913f70183136c2d75ac91b');

INSERT INTO audit VALUES (35, 1795912955231, '20261129-004234-c95c1f53', 'operation.settle', '{"adopted":false,"inverse_sha256":null,"key":"first/host.exec@web1#f9921bc95276","outcome_sha256":"292bdd1651cef77ddc4c26a19045d20ce198c13a72f475acec8c7dd0a2463be0","reversible":false,"status":"done","who":{"host":"desk","operator":"root","pid":31002,"tty":"","user":"root"}}', 'efc4d400914f6cbd6f884b2a6041143a8b469be22e913f70183136c2d75ac91b', '369283756d91fb5d9d17a9a467dbe358a57c1d4ba889465d213d4bd7af555927');

INSERT INTO audit VALUES (36, 1795912955233, '20261129-004234-c95c1f53', 'step.end', '{"failure":null,"reason":null,"result_sha256":"74234e98afe7498fb5daf1f36ac2d78acc339464f950703b8c019892f982b90b","state":"ok","step":"first","who":{"host":"desk","operator":"root","pid":31002,"tty":"","user":"root"}}', '369283756d91fb5d9d17a9a467dbe358a57c1d4ba889465d213d4bd7af555927', 'fb96123eabf1ce116925c6f591c10d1f5a61705d11e975152bc8602559a8eb2d');

INSERT INTO audit VALUES (37, 1795912955235, '20261129-004234-c95c1f53', 'step.begin', '{"arguments_sha256":"44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","attempt":1,"step":"second","who":{"host":"desk","operator":"root","pid":31002,"tty":"","user":"root"}}', 'fb96123eabf1ce116925c6f591c10d1f5a61705d11e975152bc8602559a8eb2d', '629b7813f5101415200bbb35ba4cf0c00a90f62dc8cf84190791e7ebf64793e7');

INSERT INTO audit VALUES (38, 1795912955244, '20261129-004234-c95c1f53', 'operation.intend', '{"effect":"changes","epoch":null,"host":"web1","key":"second/host.exec@web1#0946790d9318","kind":"host.exec","operation":{"command":"=sleep 3","given":"=","host":{"address":"127.0.0.1","kind":"local","name":"web1","port":22,"user":"root"},"runtime":{"name":"process","script":{"sha256":"9b3de4cb6ac0718edbe06c2b57c05ccd3029670448b183660069205609350603"}},"timeout":60},"step":"second","summary":"run on web1: sleep 3","who":{"host":"desk","operator":"root","pid":31002,"tty":"","user":"root"}}', '629b7813f5101415200bbb35ba4cf0c00a90f62dc8cf84190791e7ebf64793e7', 'eba1c9a247f7ad688f08e789b45a400fca35875643a01848d95ec96739216b74');

INSERT INTO audit_head VALUES (1, 38, 'eba1c9a247f7ad688f08e789b45a400fca35875643a01848d95ec96739216b74');

INSERT INTO runs VALUES ('20261129-004216-6f69509a', 2, 'fleet.exec', 'call', NULL, NULL, NULL, NULL, '{"cmd":"echo hi","on":"web1","timeout":{"$number":"60.0"}}', 'web1', NULL, NULL, 'ok', NULL, 1795912936, '20261129-004216-6f69509a.fe1d2cdb.29924.150351', 'root', 'root', 'desk', 'fe1d2cdb-d708-4e4d-9e4f-2b2746ecaf53', 29924, 150351, '', '0.1.0', 'f7b516977f4af0937d7d3f70fcdb37b7e90a76db4f65c9f2bd512310f9433945', 1795912936060, 1795912936722, 1795912936722, 0);

INSERT INTO runs VALUES ('20261129-004216-b9896d7e', 10, 'touch', 'runbook', 'touch', '1.0.0', '4712880074d1fcc7238830e644f2256360d3766c36c90efb606f63ee3ab5967a', 'touch.lua', '{}', 'web1', 'a997b143425afc922c66db4b9c8fe991926e5b1f03d4f44f38a8de7e08812205', NULL, 'failed', 'fleet.exec: web1: status 1', 1795912937, '20261129-004216-b9896d7e.fe1d2cdb.30046.150484', 'root', 'root', 'desk', 'fe1d2cdb-d708-4e4d-9e4f-2b2746ecaf53', 30046, 150484, '', '0.1.0', 'f7b516977f4af0937d7d3f70fcdb37b7e90a76db4f65c9f2bd512310f9433945', 1795912937035, 1795912937935, 1795912937935, 2);

INSERT INTO runs VALUES ('20261129-004234-c95c1f53', 28, 'rest', 'runbook', 'rest', '1.0.0', '9a274787add68e5f611c9d0ddefe10ed4c80a728b16e4bc55e6436e19d24c4db', 'rest.lua', '{}', 'web1', '588c6ae411b996456918615e88f3586c51873e327ed4564dee7f8f81a7c4ff59', NULL, 'running', NULL, NULL, NULL, 'root', 'root', 'desk', 'fe1d2cdb-d708-4e4d-9e4f-2b2746ecaf53', 31002, 152256, '', '0.1.0', 'f7b516977f4af0937d7d3f70fcdb37b7e90a76db4f65c9f2bd512310f9433945', 1795912954846, 1795912954846, NULL, NULL);

INSERT INTO steps VALUES ('20261129-004216-b9896d7e', 'first', 15, '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a', 1, 'ok', 'null', NULL, NULL, 1795912937045, 1795912937493);

INSERT INTO steps VALUES ('20261129-004216-b9896d7e', 'second', 19, '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a', 2, 'open', NULL, NULL, NULL, 1795912937531, NULL);

INSERT INTO steps VALUES ('20261129-004234-c95c1f53', 'first', 33, '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a', 1, 'ok', 'null', NULL, NULL, 1795912954873, 1795912955233);

INSERT INTO steps VALUES ('20261129-004234-c95c1f53', 'second', 37, '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a', 1, 'open', NULL, NULL, NULL, 1795912955235, NULL);

INSERT INTO operations VALUES ('20261129-004216-6f69509a', 'host.exec@web1#79791d353d2c', 5, '', 'host.exec', '{"host":{"_0":"web1"}}', 'changes', 'run on web1: echo hi', '{"command":"=echo hi","given":"=","host":{"address":"127.0.0.1","kind":"local","name":"web1","port":22,"user":"root"},"runtime":{"name":"process","script":{"sha256":"9b3de4cb6ac0718edbe06c2b57c05ccd3029670448b183660069205609350603"}},"timeout":60}', 'done', '{"detail":"","dropped":0,"errorOutput":[],"host":"web1","output":[104,105,10],"seconds":0,"state":"finished","status":0}', NULL, NULL, 1795912936, 1795912936442, 1795912936718, 0, NULL);

INSERT INTO operations VALUES ('20261129-004216-6f69509a', 'host.script.install@.opsh/bin/host-9b3de4cb6ac0718edbe06c2b57c05ccd3029670448b183660069205609350603.sh on web1#f3ddf7346d97', 3, '', 'host.script.install', '{"file":{"_0":".opsh/bin/host-9b3de4cb6ac0718edbe06c2b57c05ccd3029670448b183660069205609350603.sh","host":"web1"}}', 'changes', 'install the host script 9b3de4cb6ac0 on web1', '{"host":{"address":"127.0.0.1","kind":"local","name":"web1","port":22,"user":"root"},"runtime":{"name":"process","script":{"sha256":"9b3de4cb6ac0718edbe06c2b57c05ccd3029670448b183660069205609350603"}}}', 'done', '"9b3de4cb6ac0718edbe06c2b57c05ccd3029670448b183660069205609350603"', NULL, NULL, 1795912936, 1795912936116, 1795912936440, 0, NULL);

INSERT INTO operations VALUES ('20261129-004216-b9896d7e', 'first/host.exec@web1#f9921bc95276', 16, 'first', 'host.exec', '{"host":{"_0":"web1"}}', 'changes', 'run on web1: true', '{"command":"=true","given":"=","host":{"address":"127.0.0.1","kind":"local","name":"web1","port":22,"user":"root"},"runtime":{"name":"process","script":{"sha256":"9b3de4cb6ac0718edbe06c2b57c05ccd3029670448b183660069205609350603"}},"timeout":60}', 'done', '{"detail":"","dropped":0,"errorOutput":[],"host":"web1","output":[],"seconds":0,"state":"finished","status":0}', NULL, NULL, 1795912937, 1795912937053, 1795912937452, 0, NULL);

INSERT INTO operations VALUES ('20261129-004216-b9896d7e', 'second/host.exec@web1#cda253ea854f', 20, 'second', 'host.exec', '{"host":{"_0":"web1"}}', 'changes', 'run on web1: false', '{"command":"=false","given":"=","host":{"address":"127.0.0.1","kind":"local","name":"web1","port":22,"user":"root"},"runtime":{"name":"process","script":{"sha256":"9b3de4cb6ac0718edbe06c2b57c05ccd3029670448b183660069205609350603"}},"timeout":60}', 'done', '{"detail":"","dropped":0,"errorOutput":[],"host":"web1","output":[],"seconds":0.1,"state":"finished","status":1}', NULL, NULL, 1795912937, 1795912937543, 1795912937913, 0, NULL);

INSERT INTO operations VALUES ('20261129-004234-c95c1f53', 'first/host.exec@web1#f9921bc95276', 34, 'first', 'host.exec', '{"host":{"_0":"web1"}}', 'changes', 'run on web1: true', '{"command":"=true","given":"=","host":{"address":"127.0.0.1","kind":"local","name":"web1","port":22,"user":"root"},"runtime":{"name":"process","script":{"sha256":"9b3de4cb6ac0718edbe06c2b57c05ccd3029670448b183660069205609350603"}},"timeout":60}', 'done', '{"detail":"","dropped":0,"errorOutput":[],"host":"web1","output":[],"seconds":0,"state":"finished","status":0}', NULL, NULL, NULL, 1795912954893, 1795912955231, 0, NULL);

INSERT INTO operations VALUES ('20261129-004234-c95c1f53', 'second/host.exec@web1#0946790d9318', 38, 'second', 'host.exec', '{"host":{"_0":"web1"}}', 'changes', 'run on web1: sleep 3', '{"command":"=sleep 3","given":"=","host":{"address":"127.0.0.1","kind":"local","name":"web1","port":22,"user":"root"},"runtime":{"name":"process","script":{"sha256":"9b3de4cb6ac0718edbe06c2b57c05ccd3029670448b183660069205609350603"}},"timeout":60}', 'open', NULL, NULL, NULL, NULL, 1795912955244, NULL, 0, NULL);

INSERT INTO reads VALUES ('20261129-004216-b9896d7e', 'plan', '{"arguments":{},"check":null,"conflicts":[],"format":1,"hosts":["web1"],"inexact":[],"locks":["host/web1"],"madeAt":1795912936,"notes":[],"operations":[{"content":{"command":"#89a6ae0334ad","given":"#380918b946a5","host.address":"127.0.0.1","host.kind":"local","host.name":"web1","host.port":"22","host.user":"root","runtime.name":"process","runtime.script.sha256":"9b3de4cb6ac0718edbe06c2b57c05ccd3029670448b183660069205609350603","timeout":"60"},"effect":"changes","host":"web1","isReversible":false,"key":"first/host.exec@web1#f9921bc95276","kind":"host.exec","step":"first","summary":"run on web1: true","target":"web1","why":"what a command does is not known before it ran"},{"content":{"command":"#fb1b1a95dd31","given":"#380918b946a5","host.address":"127.0.0.1","host.kind":"local","host.name":"web1","host.port":"22","host.user":"root","runtime.name":"process","runtime.script.sha256":"9b3de4cb6ac0718edbe06c2b57c05ccd3029670448b183660069205609350603","timeout":"60"},"effect":"changes","host":"web1","isReversible":false,"key":"second/host.exec@web1#cda253ea854f","kind":"host.exec","step":"second","summary":"run on web1: false","target":"web1","why":"what a command does is not known before it ran"}],"opsh":"0.1.0","runbook":{"name":"touch","path":"touch.lua","sha256":"4712880074d1fcc7238830e644f2256360d3766c36c90efb606f63ee3ab5967a","version":"1.0.0"},"seed":6464840983154558400,"site":"old","steps":[{"argumentsHash":"44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","detail":"","path":"first","title":"first"},{"argumentsHash":"44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","detail":"","path":"second","title":"second"}]}');

INSERT INTO reads VALUES ('20261129-004216-b9896d7e', 'seed', '6464840983154558400');

INSERT INTO reads VALUES ('20261129-004234-c95c1f53', 'plan', '{"arguments":{},"check":null,"conflicts":[],"format":1,"hosts":["web1"],"inexact":[],"locks":[],"madeAt":1795912954,"notes":[],"operations":[{"content":{"command":"#89a6ae0334ad","given":"#380918b946a5","host.address":"127.0.0.1","host.kind":"local","host.name":"web1","host.port":"22","host.user":"root","runtime.name":"process","runtime.script.sha256":"9b3de4cb6ac0718edbe06c2b57c05ccd3029670448b183660069205609350603","timeout":"60"},"effect":"changes","host":"web1","isReversible":false,"key":"first/host.exec@web1#f9921bc95276","kind":"host.exec","step":"first","summary":"run on web1: true","target":"web1","why":"what a command does is not known before it ran"},{"content":{"command":"#14f419c607b7","given":"#380918b946a5","host.address":"127.0.0.1","host.kind":"local","host.name":"web1","host.port":"22","host.user":"root","runtime.name":"process","runtime.script.sha256":"9b3de4cb6ac0718edbe06c2b57c05ccd3029670448b183660069205609350603","timeout":"60"},"effect":"changes","host":"web1","isReversible":false,"key":"second/host.exec@web1#0946790d9318","kind":"host.exec","step":"second","summary":"run on web1: sleep 3","target":"web1","why":"what a command does is not known before it ran"}],"opsh":"0.1.0","runbook":{"name":"rest","path":"rest.lua","sha256":"9a274787add68e5f611c9d0ddefe10ed4c80a728b16e4bc55e6436e19d24c4db","version":"1.0.0"},"seed":6480745099888934156,"site":"old","steps":[{"argumentsHash":"44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","detail":"","path":"first","title":"first"},{"argumentsHash":"44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","detail":"","path":"second","title":"second"}]}');

INSERT INTO reads VALUES ('20261129-004234-c95c1f53', 'seed', '6480745099888934156');

INSERT INTO texts VALUES ('4712880074d1fcc7238830e644f2256360d3766c36c90efb606f63ee3ab5967a', 14, 'return {
  version = "1.0.0", summary = "Writes a file twice", owner = "operations", updated = "2026-11-21", review_after = 180,
  refs = { "docs" }, requires = { opsh = ">=0.1" }, params = {}, effects = { "changes" }, lock = { "host/web1" },
  run = function(job)
    job:step("first", function() return fleet.exec{ on = "web1", cmd = "true" }.ok end)
    job:step("second", function() fleet.exec{ on = "web1", cmd = "false" } end)
  end,
}
');

INSERT INTO texts VALUES ('9a274787add68e5f611c9d0ddefe10ed4c80a728b16e4bc55e6436e19d24c4db', 32, 'return {
  version = "1.0.0", summary = "Writes a file twice", owner = "operations", updated = "2026-11-21", review_after = 180,
  refs = { "docs" }, requires = { opsh = ">=0.1" }, params = {}, effects = { "changes" },
  run = function(job)
    job:step("first", function() return fleet.exec{ on = "web1", cmd = "true" }.ok end)
    job:step("second", function() fleet.exec{ on = "web1", cmd = "sleep 3" } end)
  end,
}
');

INSERT INTO questions VALUES ('20261129-004216-b9896d7e', 'proceed', '', 13, 'Proceed? the number of hosts,', '[]', 'type 1', 1795912937035, '1', '--yes', 1795912937035);

INSERT INTO questions VALUES ('20261129-004234-c95c1f53', 'proceed', '', 31, 'Proceed? the number of hosts,', '[]', 'type 1', 1795912954846, '1', '--yes', 1795912954846);

INSERT INTO fidelity VALUES ('20261129-004216-b9896d7e', 'host.exec', 0, 0, 1795912937926);

INSERT INTO leases VALUES ('environment/demo', 'hand.20261129-004218-34c37ed6', 'intent_exclusive', '{"boot":"fe1d2cdb-d708-4e4d-9e4f-2b2746ecaf53","host":"desk","operatorName":"root","pid":30197,"processTable":"pid:[4026531836]","startTicks":150607,"tty":""}', NULL, 'its clock is wrong', 1, 1795912938, 1795912938132, 9223372036854775807);

INSERT INTO leases VALUES ('fleet', 'hand.20261129-004218-34c37ed6', 'intent_exclusive', '{"boot":"fe1d2cdb-d708-4e4d-9e4f-2b2746ecaf53","host":"desk","operatorName":"root","pid":30197,"processTable":"pid:[4026531836]","startTicks":150607,"tty":""}', NULL, 'its clock is wrong', 1, 1795912938, 1795912938132, 9223372036854775807);

INSERT INTO leases VALUES ('host/web2', 'hand.20261129-004218-34c37ed6', 'exclusive', '{"boot":"fe1d2cdb-d708-4e4d-9e4f-2b2746ecaf53","host":"desk","operatorName":"root","pid":30197,"processTable":"pid:[4026531836]","startTicks":150607,"tty":""}', NULL, 'its clock is wrong', 1, 1795912938, 1795912938132, 9223372036854775807);
