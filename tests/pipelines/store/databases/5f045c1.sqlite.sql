BEGIN TRANSACTION;
CREATE TABLE feedback (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	time DATETIME NOT NULL, 
	prediction VARCHAR(32) NOT NULL, 
	idempotency_key TEXT, 
	digest VARCHAR(64) NOT NULL, 
	label TEXT, 
	correct BOOLEAN, 
	rating INTEGER, 
	comment TEXT, 
	undone DATETIME, 
	FOREIGN KEY(prediction) REFERENCES predictions (id), 
	UNIQUE (idempotency_key)
);
INSERT INTO "feedback" VALUES(1,'2026-11-29 17:15:23.361360','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','once','dbdd7cf132a7c0d5159f56c3dadc8b63913e466dd7a8685bd778809df235d955','positive',NULL,4,'it''s <NAME>',NULL);
INSERT INTO "feedback" VALUES(2,'2026-11-29 17:15:23.373732','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',NULL,'3b476ead30678e8ff4e48ff6f6829a2e0363dffa623ddd7e7bfefac89f25ced9','negative',NULL,NULL,NULL,'2026-11-29 17:15:23.381557');
INSERT INTO "feedback" VALUES(3,'2026-11-29 17:15:23.390276','bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb',NULL,'c62667111e2ad647546a8dcc6221665a283b10c3dedfe7fb32ee5b10a5ef3a1d',NULL,1,NULL,NULL,NULL);
CREATE TABLE keys (
	id VARCHAR(12) NOT NULL, 
	name VARCHAR(60) NOT NULL, 
	scopes TEXT NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	created DATETIME NOT NULL, 
	revoked DATETIME, 
	PRIMARY KEY (id)
);
INSERT INTO "keys" VALUES('9064dd955c24','desk','predict feedback','ba37dc5c7bcfa4fa07da075a92d3f7c276bf9a92d30f63fbceccd58e8c2afa16','2026-11-29 17:15:23.405682',NULL);
INSERT INTO "keys" VALUES('08fe304f254d','gone','admin','fb7cdfee579735cc00f119a3c29fec308129196bff7e76f60ca3ff727c346012','2026-11-29 17:15:23.513474','2026-11-29 17:15:23.621602');
CREATE TABLE leases (
	name VARCHAR(200) NOT NULL, 
	token VARCHAR(32) NOT NULL, 
	host TEXT NOT NULL, 
	pid INTEGER NOT NULL, 
	started FLOAT NOT NULL, 
	since DATETIME NOT NULL, 
	expires FLOAT NOT NULL, 
	PRIMARY KEY (name)
);
CREATE TABLE predictions (
	id VARCHAR(32) NOT NULL, 
	time DATETIME NOT NULL, 
	model VARCHAR(40) NOT NULL, 
	version INTEGER NOT NULL, 
	"key" VARCHAR(64) NOT NULL, 
	text TEXT NOT NULL, 
	label TEXT NOT NULL, 
	score FLOAT NOT NULL, 
	scores JSON NOT NULL, 
	customer VARCHAR(64), 
	abstained BOOLEAN, 
	PRIMARY KEY (id)
);
INSERT INTO "predictions" VALUES('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','2026-11-01 12:00:00.000000','sentiment',1,'1111111111111111111111111111111111111111111111111111111111111111','the flight was late, <NAME> said','negative',0.9,'{"negative": 0.9, "positive": 0.1}','cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc',0);
INSERT INTO "predictions" VALUES('bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','2026-11-01 12:00:00.000000','intent',2,'2222222222222222222222222222222222222222222222222222222222222222','wo bleibt mein Gepäck 我的行李','baggage',0.5,'{"baggage": 0.5, "delay": 0.5}',NULL,1);
CREATE TABLE shadows (
	prediction VARCHAR(32) NOT NULL, 
	trial VARCHAR(64) NOT NULL, 
	label TEXT NOT NULL, 
	score FLOAT NOT NULL, 
	PRIMARY KEY (prediction), 
	FOREIGN KEY(prediction) REFERENCES predictions (id)
);
INSERT INTO "shadows" VALUES('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','tttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt','positive',0.6);
CREATE TABLE tallies (
	trial VARCHAR(64) NOT NULL, 
	what VARCHAR(20) NOT NULL, 
	who TEXT NOT NULL, 
	tries INTEGER NOT NULL, 
	hits INTEGER NOT NULL, 
	PRIMARY KEY (trial, what, who)
);
INSERT INTO "tallies" VALUES('tttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt','shadow','negative',10,3);
CREATE TABLE uses (
	id INTEGER NOT NULL, 
	time DATETIME NOT NULL, 
	split VARCHAR(64) NOT NULL, 
	model VARCHAR(40) NOT NULL, 
	purpose TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "uses" VALUES(1,'2026-11-29 17:15:23.401897','dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd','sentiment','version 1');
CREATE INDEX predictions_by_moment ON predictions (model, time, id);
CREATE INDEX predictions_by_key ON predictions (model, "key");
CREATE INDEX ix_uses_split ON uses (split);
CREATE UNIQUE INDEX keys_by_name ON keys (name) WHERE revoked IS NULL;
CREATE INDEX ix_feedback_prediction ON feedback (prediction);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('feedback',3);
COMMIT;
