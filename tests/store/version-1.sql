-- A store of version 1, as the first hikaku wrote it: `store_samples` planned and trained,
-- dumped by sqlite3. Never to be written again.
BEGIN TRANSACTION;
CREATE TABLE hikaku_arm (
	id INTEGER NOT NULL,
	study_id INTEGER NOT NULL,
	text VARCHAR(64) NOT NULL,
	fingerprint VARCHAR(64) NOT NULL,
	evaluation TEXT NOT NULL,
	sources TEXT NOT NULL,
	PRIMARY KEY (id),
	FOREIGN KEY(study_id) REFERENCES hikaku_study (id) ON DELETE CASCADE
);
INSERT INTO "hikaku_arm" VALUES(1,1,'fcd5aa3461d94da73c76e20485c73c51','mark-base','','{"digits":"a"}');
INSERT INTO "hikaku_arm" VALUES(2,1,'f2abc51201f8e68ea583dc6fecb6b3e0','mark-dropout','','{"digits":"a"}');
INSERT INTO "hikaku_arm" VALUES(3,2,'fcd5aa3461d94da73c76e20485c73c51','mark-base','','{"digits":"a"}');
INSERT INTO "hikaku_arm" VALUES(4,2,'cdd5f58ad01aa57a69ca86db21451acd','mark-l2','','{"digits":"a"}');
CREATE TABLE hikaku_look (
	id INTEGER NOT NULL,
	base VARCHAR(64) NOT NULL,
	variant VARCHAR(64) NOT NULL,
	metric TEXT NOT NULL,
	seeds TEXT NOT NULL,
	shown VARCHAR(40) NOT NULL,
	PRIMARY KEY (id),
	UNIQUE (base, variant, metric, seeds)
);
INSERT INTO "hikaku_look" VALUES(1,'mark-base','mark-dropout','test accuracy last None higher','[0,1]','2026-11-21T05:59:22+00:00');
INSERT INTO "hikaku_look" VALUES(2,'mark-base','mark-dropout','test accuracy last None higher','[0,1,2]','2026-11-21T05:59:22+00:00');
INSERT INTO "hikaku_look" VALUES(3,'mark-base','mark-l2','test accuracy last None higher','[1,0]','2026-11-21T05:59:22+00:00');
CREATE TABLE hikaku_planned (
	id INTEGER NOT NULL,
	arm_id INTEGER NOT NULL,
	seed BIGINT NOT NULL,
	"key" VARCHAR(64) NOT NULL,
	"plan" INTEGER NOT NULL,
	PRIMARY KEY (id),
	UNIQUE (arm_id, seed),
	FOREIGN KEY(arm_id) REFERENCES hikaku_arm (id) ON DELETE CASCADE
);
INSERT INTO "hikaku_planned" VALUES(1,1,0,'mark-base-0',1);
INSERT INTO "hikaku_planned" VALUES(2,1,1,'mark-base-1',1);
INSERT INTO "hikaku_planned" VALUES(3,1,2,'mark-base-2',1);
INSERT INTO "hikaku_planned" VALUES(4,2,0,'mark-dropout-0',1);
INSERT INTO "hikaku_planned" VALUES(5,2,1,'mark-dropout-1',1);
INSERT INTO "hikaku_planned" VALUES(6,2,2,'mark-dropout-2',1);
INSERT INTO "hikaku_planned" VALUES(7,3,0,'mark-base-0',1);
INSERT INTO "hikaku_planned" VALUES(8,3,1,'mark-base-1',1);
INSERT INTO "hikaku_planned" VALUES(9,4,0,'mark-l2-0',1);
INSERT INTO "hikaku_planned" VALUES(10,4,1,'mark-l2-1',1);
CREATE TABLE hikaku_record (
	trial_id INTEGER NOT NULL,
	position INTEGER NOT NULL,
	reading VARCHAR(16) NOT NULL,
	step BIGINT NOT NULL,
	split VARCHAR(16) NOT NULL,
	metric TEXT NOT NULL,
	value DOUBLE,
	PRIMARY KEY (trial_id, position),
	FOREIGN KEY(trial_id) REFERENCES hikaku_trial (id) ON DELETE CASCADE
);
INSERT INTO "hikaku_record" VALUES(1,0,'curve',0,'validation','accuracy',11.0);
INSERT INTO "hikaku_record" VALUES(1,1,'curve',1,'validation','accuracy',1.11428571428571423498e+01);
INSERT INTO "hikaku_record" VALUES(1,2,'curve',2,'validation','accuracy',1.12857142857142864753e+01);
INSERT INTO "hikaku_record" VALUES(2,0,'curve',0,'validation','accuracy',11.0);
INSERT INTO "hikaku_record" VALUES(2,1,'curve',1,'validation','accuracy',1.11428571428571423498e+01);
INSERT INTO "hikaku_record" VALUES(2,2,'curve',2,'validation','accuracy',1.12857142857142864753e+01);
INSERT INTO "hikaku_record" VALUES(3,0,'curve',0,'validation','accuracy',11.0);
INSERT INTO "hikaku_record" VALUES(3,1,'curve',1,'validation','accuracy',1.11428571428571423498e+01);
INSERT INTO "hikaku_record" VALUES(3,2,'curve',2,'validation','accuracy',1.12857142857142864753e+01);
INSERT INTO "hikaku_record" VALUES(4,0,'curve',0,'validation','accuracy',14.0);
INSERT INTO "hikaku_record" VALUES(4,1,'curve',1,'validation','accuracy',1.41428571428571423496e+01);
INSERT INTO "hikaku_record" VALUES(4,2,'curve',2,'validation','accuracy',1.4285714285714286476e+01);
INSERT INTO "hikaku_record" VALUES(5,0,'curve',0,'validation','accuracy',14.0);
INSERT INTO "hikaku_record" VALUES(5,1,'curve',1,'validation','accuracy',1.41428571428571423496e+01);
INSERT INTO "hikaku_record" VALUES(5,2,'curve',2,'validation','accuracy',1.4285714285714286476e+01);
INSERT INTO "hikaku_record" VALUES(6,0,'curve',0,'validation','accuracy',14.0);
INSERT INTO "hikaku_record" VALUES(6,1,'curve',1,'validation','accuracy',1.41428571428571423496e+01);
INSERT INTO "hikaku_record" VALUES(6,2,'curve',2,'validation','accuracy',1.4285714285714286476e+01);
INSERT INTO "hikaku_record" VALUES(7,0,'curve',0,'validation','accuracy',9.0);
INSERT INTO "hikaku_record" VALUES(7,1,'curve',1,'validation','accuracy',9.14285714285714234961e+00);
INSERT INTO "hikaku_record" VALUES(7,2,'curve',2,'validation','accuracy',9.28571428571428647558e+00);
INSERT INTO "hikaku_record" VALUES(8,0,'curve',0,'validation','accuracy',9.0);
INSERT INTO "hikaku_record" VALUES(8,1,'curve',1,'validation','accuracy',9.14285714285714234961e+00);
INSERT INTO "hikaku_record" VALUES(8,2,'curve',2,'validation','accuracy',9.28571428571428647558e+00);
CREATE TABLE hikaku_schema (
	version INTEGER NOT NULL,
	PRIMARY KEY (version)
);
INSERT INTO "hikaku_schema" VALUES(1);
CREATE TABLE hikaku_sheet (
	trial_id INTEGER NOT NULL,
	name VARCHAR(64) NOT NULL,
	dtype VARCHAR(16) NOT NULL,
	shape TEXT NOT NULL,
	bytes BLOB NOT NULL,
	PRIMARY KEY (trial_id, name),
	FOREIGN KEY(trial_id) REFERENCES hikaku_trial (id) ON DELETE CASCADE
);
INSERT INTO "hikaku_sheet" VALUES(1,'confusion','<i8','[2,2]',X'0000000000000000010000000000000002000000000000000300000000000000');
INSERT INTO "hikaku_sheet" VALUES(2,'confusion','<i8','[2,2]',X'0000000000000000010000000000000002000000000000000300000000000000');
INSERT INTO "hikaku_sheet" VALUES(3,'confusion','<i8','[2,2]',X'0000000000000000010000000000000002000000000000000300000000000000');
INSERT INTO "hikaku_sheet" VALUES(4,'confusion','<i8','[2,2]',X'0000000000000000010000000000000002000000000000000300000000000000');
INSERT INTO "hikaku_sheet" VALUES(5,'confusion','<i8','[2,2]',X'0000000000000000010000000000000002000000000000000300000000000000');
INSERT INTO "hikaku_sheet" VALUES(6,'confusion','<i8','[2,2]',X'0000000000000000010000000000000002000000000000000300000000000000');
INSERT INTO "hikaku_sheet" VALUES(7,'confusion','<i8','[2,2]',X'0000000000000000010000000000000002000000000000000300000000000000');
INSERT INTO "hikaku_sheet" VALUES(8,'confusion','<i8','[2,2]',X'0000000000000000010000000000000002000000000000000300000000000000');
CREATE TABLE hikaku_study (
	id INTEGER NOT NULL,
	name TEXT NOT NULL,
	folder TEXT NOT NULL,
	question TEXT NOT NULL,
	text TEXT NOT NULL,
	arms INTEGER NOT NULL,
	plans INTEGER NOT NULL,
	first_run VARCHAR(40) NOT NULL,
	last_run VARCHAR(40) NOT NULL,
	PRIMARY KEY (id),
	UNIQUE (name, folder)
);
INSERT INTO "hikaku_study" VALUES(1,'one','.','Which?','{"base":{"data":{"beside":0,"take":"stratified","test":0.2,"train":"all","use":{"name":"digits","settings":[]},"validation":0.2},"model":{"name":"mlp with base","settings":[]},"recipe":{"augment":[],"averaging":null,"batch_size":64,"clip":[],"epochs":1,"evaluate_every":{"every":1,"start":1,"unit":"epoch"},"gradient":null,"init":null,"layers":[],"loss":{"name":"cross-entropy","settings":[]},"optimizer":{"name":"adam","settings":[]},"order":"shuffle","penalty":[],"project":[],"schedule":{"name":"constant","settings":[]},"steps":null,"stopping":null}},"device":"auto","folder":".","keep":{"asks":false,"every":1,"mode":"min","monitor":"validation loss","seeds":"best","weights":"best","what":"weights"},"metric":{"better":"higher","name":"accuracy","of":"last","of_better":"higher","split":"test","target":null},"name":"one","published":[],"question":"Which?","seeds":[0,1,2],"variants":[{"name":"dropout","work":{"data":{"beside":0,"take":"stratified","test":0.2,"train":"all","use":{"name":"digits","settings":[]},"validation":0.2},"model":{"name":"mlp with dropout","settings":[]},"recipe":{"augment":[],"averaging":null,"batch_size":64,"clip":[],"epochs":1,"evaluate_every":{"every":1,"start":1,"unit":"epoch"},"gradient":null,"init":null,"layers":[],"loss":{"name":"cross-entropy","settings":[]},"optimizer":{"name":"adam","settings":[]},"order":"shuffle","penalty":[],"project":[],"schedule":{"name":"constant","settings":[]},"steps":null,"stopping":null}}}],"worth":0.01}',2,1,'2026-11-21T05:59:22+00:00','2026-11-21T05:59:22+00:00');
INSERT INTO "hikaku_study" VALUES(2,'other','elsewhere','Which?','{"base":{"data":{"beside":0,"take":"stratified","test":0.2,"train":"all","use":{"name":"digits","settings":[]},"validation":0.2},"model":{"name":"mlp with base","settings":[]},"recipe":{"augment":[],"averaging":null,"batch_size":64,"clip":[],"epochs":1,"evaluate_every":{"every":1,"start":1,"unit":"epoch"},"gradient":null,"init":null,"layers":[],"loss":{"name":"cross-entropy","settings":[]},"optimizer":{"name":"adam","settings":[]},"order":"shuffle","penalty":[],"project":[],"schedule":{"name":"constant","settings":[]},"steps":null,"stopping":null}},"device":"auto","folder":"elsewhere","keep":{"asks":false,"every":1,"mode":"min","monitor":"validation loss","seeds":"best","weights":"best","what":"weights"},"metric":{"better":"higher","name":"accuracy","of":"last","of_better":"higher","split":"test","target":null},"name":"other","published":[],"question":"Which?","seeds":[0,1],"variants":[{"name":"l2","work":{"data":{"beside":0,"take":"stratified","test":0.2,"train":"all","use":{"name":"digits","settings":[]},"validation":0.2},"model":{"name":"mlp with l2","settings":[]},"recipe":{"augment":[],"averaging":null,"batch_size":64,"clip":[],"epochs":1,"evaluate_every":{"every":1,"start":1,"unit":"epoch"},"gradient":null,"init":null,"layers":[],"loss":{"name":"cross-entropy","settings":[]},"optimizer":{"name":"adam","settings":[]},"order":"shuffle","penalty":[],"project":[],"schedule":{"name":"constant","settings":[]},"steps":null,"stopping":null}}}],"worth":0.01}',2,1,'2026-11-21T05:59:22+00:00','2026-11-21T05:59:22+00:00');
CREATE TABLE hikaku_trial (
	id INTEGER NOT NULL,
	"key" VARCHAR(64) NOT NULL,
	fingerprint VARCHAR(64) NOT NULL,
	seed BIGINT NOT NULL,
	state VARCHAR(16) NOT NULL,
	step BIGINT NOT NULL,
	epoch BIGINT NOT NULL,
	steps_per_epoch BIGINT NOT NULL,
	parameters BIGINT NOT NULL,
	samples TEXT NOT NULL,
	arithmetic TEXT NOT NULL,
	environment TEXT NOT NULL,
	error TEXT NOT NULL,
	cost TEXT NOT NULL,
	ended VARCHAR(40) NOT NULL,
	PRIMARY KEY (id),
	UNIQUE ("key")
);
INSERT INTO "hikaku_trial" VALUES(1,'mark-base-0','mark-base',0,'done',12,3,4,77,'[10,5,4]','plain float32','torch 2','','{"attempts":1.0,"peak_mib":3.5,"seconds":0.1}','2026-11-21T05:59:22+00:00');
INSERT INTO "hikaku_trial" VALUES(2,'mark-base-1','mark-base',1,'done',12,3,4,77,'[10,5,4]','plain float32','torch 2','','{"attempts":1.0,"peak_mib":3.5,"seconds":0.1}','2026-11-21T05:59:22+00:00');
INSERT INTO "hikaku_trial" VALUES(3,'mark-base-2','mark-base',2,'done',12,3,4,77,'[10,5,4]','plain float32','torch 2','','{"attempts":1.0,"peak_mib":3.5,"seconds":0.1}','2026-11-21T05:59:22+00:00');
INSERT INTO "hikaku_trial" VALUES(4,'mark-dropout-0','mark-dropout',0,'done',12,3,4,77,'[10,5,4]','plain float32','torch 2','','{"attempts":1.0,"peak_mib":3.5,"seconds":0.1}','2026-11-21T05:59:22+00:00');
INSERT INTO "hikaku_trial" VALUES(5,'mark-dropout-1','mark-dropout',1,'diverged',12,3,4,77,'[10,5,4]','plain float32','torch 2','','{"attempts":1.0,"peak_mib":3.5,"seconds":0.1}','2026-11-21T05:59:22+00:00');
INSERT INTO "hikaku_trial" VALUES(6,'mark-dropout-2','mark-dropout',2,'failed',12,3,4,77,'[10,5,4]','plain float32','torch 2','ValueError: no','{"attempts":1.0,"peak_mib":3.5,"seconds":0.1}','2026-11-21T05:59:22+00:00');
INSERT INTO "hikaku_trial" VALUES(7,'mark-l2-0','mark-l2',0,'done',12,3,4,77,'[10,5,4]','plain float32','torch 2','','{"attempts":1.0,"peak_mib":3.5,"seconds":0.1}','2026-11-21T05:59:22+00:00');
INSERT INTO "hikaku_trial" VALUES(8,'mark-l2-1','mark-l2',1,'done',12,3,4,77,'[10,5,4]','plain float32','torch 2','','{"attempts":1.0,"peak_mib":3.5,"seconds":0.1}','2026-11-21T05:59:22+00:00');
CREATE INDEX ix_hikaku_trial_fingerprint ON hikaku_trial (fingerprint);
CREATE INDEX ix_hikaku_arm_study_id ON hikaku_arm (study_id);
CREATE INDEX ix_hikaku_planned_key ON hikaku_planned ("key");
COMMIT;
