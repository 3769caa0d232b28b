CREATE TABLE public.feedback (
    id integer NOT NULL,
    "time" timestamp without time zone NOT NULL,
    prediction character varying(32) NOT NULL,
    idempotency_key text,
    digest character varying(64) NOT NULL,
    label text,
    correct boolean,
    rating integer,
    comment text,
    undone timestamp without time zone
);
COMMENT ON COLUMN public.feedback.digest IS 'SHA-256 of what was said';
COMMENT ON COLUMN public.feedback.comment IS 'masked';
COMMENT ON COLUMN public.feedback.undone IS 'when it was taken back: it stays, says nothing and is never learnt from';
CREATE SEQUENCE public.feedback_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.feedback_id_seq OWNED BY public.feedback.id;
CREATE TABLE public.keys (
    id character varying(12) NOT NULL,
    name character varying(60) NOT NULL,
    scopes text NOT NULL,
    digest character varying(64) NOT NULL,
    created timestamp without time zone NOT NULL,
    revoked timestamp without time zone
);
COMMENT ON COLUMN public.keys.id IS 'the part of the secret that may be shown';
COMMENT ON COLUMN public.keys.scopes IS 'with a space between two';
COMMENT ON COLUMN public.keys.digest IS 'SHA-256 of the secret';
CREATE TABLE public.leases (
    name character varying(200) NOT NULL,
    token character varying(32) NOT NULL,
    host text NOT NULL,
    pid integer NOT NULL,
    started double precision NOT NULL,
    since timestamp without time zone NOT NULL,
    expires double precision NOT NULL
);
COMMENT ON COLUMN public.leases.token IS 'one holding: nobody else''s writes match it';
COMMENT ON COLUMN public.leases.started IS 'of the process, in seconds since the host''s boot';
COMMENT ON COLUMN public.leases.expires IS 'unless its heart beats, in seconds of the database''s clock';
CREATE TABLE public.predictions (
    id character varying(32) NOT NULL,
    "time" timestamp without time zone NOT NULL,
    model character varying(40) NOT NULL,
    version integer NOT NULL,
    key character varying(64) NOT NULL,
    text text NOT NULL,
    label text NOT NULL,
    score double precision NOT NULL,
    scores json NOT NULL,
    customer character varying(64),
    abstained boolean
);
COMMENT ON COLUMN public.predictions.key IS 'SHA-256 of the normalised raw text';
COMMENT ON COLUMN public.predictions.text IS 'masked';
COMMENT ON COLUMN public.predictions.customer IS 'keyed hash';
COMMENT ON COLUMN public.predictions.abstained IS 'whether nobody should act on it; NULL before this was asked';
CREATE TABLE public.shadows (
    prediction character varying(32) NOT NULL,
    trial character varying(64) NOT NULL,
    label text NOT NULL,
    score double precision NOT NULL
);
COMMENT ON COLUMN public.shadows.trial IS 'hash of the ledger''s entry that began it';
CREATE TABLE public.tallies (
    trial character varying(64) NOT NULL,
    what character varying(20) NOT NULL,
    who text NOT NULL,
    tries integer NOT NULL,
    hits integer NOT NULL
);
COMMENT ON COLUMN public.tallies.trial IS 'hash of the ledger''s entry that began it';
COMMENT ON COLUMN public.tallies.who IS 'whose answers, or of which label';
CREATE TABLE public.uses (
    id integer NOT NULL,
    "time" timestamp without time zone NOT NULL,
    split character varying(64) NOT NULL,
    model character varying(40) NOT NULL,
    purpose text NOT NULL
);
COMMENT ON COLUMN public.uses.split IS 'digest of the held-out snapshot';
COMMENT ON COLUMN public.uses.purpose IS 'which version was judged, or what was measured';
CREATE SEQUENCE public.uses_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.uses_id_seq OWNED BY public.uses.id;
ALTER TABLE ONLY public.feedback ALTER COLUMN id SET DEFAULT nextval('public.feedback_id_seq'::regclass);
ALTER TABLE ONLY public.uses ALTER COLUMN id SET DEFAULT nextval('public.uses_id_seq'::regclass);
INSERT INTO public.feedback VALUES (1, '2026-11-29 17:15:24.455177', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'once', 'dbdd7cf132a7c0d5159f56c3dadc8b63913e466dd7a8685bd778809df235d955', 'positive', NULL, 4, 'it''s <NAME>', NULL);
INSERT INTO public.feedback VALUES (2, '2026-11-29 17:15:24.45701', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', NULL, '3b476ead30678e8ff4e48ff6f6829a2e0363dffa623ddd7e7bfefac89f25ced9', 'negative', NULL, NULL, NULL, '2026-11-29 17:15:24.45775');
INSERT INTO public.feedback VALUES (3, '2026-11-29 17:15:24.459622', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', NULL, 'c62667111e2ad647546a8dcc6221665a283b10c3dedfe7fb32ee5b10a5ef3a1d', NULL, true, NULL, NULL, NULL);
INSERT INTO public.keys VALUES ('2228ae1c3466', 'desk', 'predict feedback', '01bb339fe9a0502f9ce475110fcfa126528b1a25f9c0441fc927b899f8b7899e', '2026-11-29 17:15:24.464293', NULL);
INSERT INTO public.keys VALUES ('8d4233ec090b', 'gone', 'admin', '0436a0b89c338fae47753bd98cbe5e3ce6e0e309ffbd025c9422ca60ce608b67', '2026-11-29 17:15:24.566062', '2026-11-29 17:15:24.669677');
INSERT INTO public.predictions VALUES ('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', '2026-11-01 12:00:00', 'sentiment', 1, '1111111111111111111111111111111111111111111111111111111111111111', 'the flight was late, <NAME> said', 'negative', 0.9, '{"negative": 0.9, "positive": 0.1}', 'cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc', false);
INSERT INTO public.predictions VALUES ('bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', '2026-11-01 12:00:00', 'intent', 2, '2222222222222222222222222222222222222222222222222222222222222222', 'wo bleibt mein Gepäck 我的行李', 'baggage', 0.5, '{"baggage": 0.5, "delay": 0.5}', NULL, true);
INSERT INTO public.shadows VALUES ('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'tttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt', 'positive', 0.6);
INSERT INTO public.tallies VALUES ('tttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt', 'shadow', 'negative', 10, 3);
INSERT INTO public.uses VALUES (1, '2026-11-29 17:15:24.462304', 'dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd', 'sentiment', 'version 1');
SELECT pg_catalog.setval('public.feedback_id_seq', 3, true);
SELECT pg_catalog.setval('public.uses_id_seq', 1, true);
ALTER TABLE ONLY public.feedback
    ADD CONSTRAINT feedback_idempotency_key_key UNIQUE (idempotency_key);
ALTER TABLE ONLY public.feedback
    ADD CONSTRAINT feedback_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.keys
    ADD CONSTRAINT keys_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.leases
    ADD CONSTRAINT leases_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.predictions
    ADD CONSTRAINT predictions_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.shadows
    ADD CONSTRAINT shadows_pkey PRIMARY KEY (prediction);
ALTER TABLE ONLY public.tallies
    ADD CONSTRAINT tallies_pkey PRIMARY KEY (trial, what, who);
ALTER TABLE ONLY public.uses
    ADD CONSTRAINT uses_pkey PRIMARY KEY (id);
CREATE INDEX ix_feedback_prediction ON public.feedback USING btree (prediction);
CREATE INDEX ix_uses_split ON public.uses USING btree (split);
CREATE UNIQUE INDEX keys_by_name ON public.keys USING btree (name) WHERE (revoked IS NULL);
CREATE INDEX predictions_by_key ON public.predictions USING btree (model, key);
CREATE INDEX predictions_by_moment ON public.predictions USING btree (model, "time", id);
ALTER TABLE ONLY public.feedback
    ADD CONSTRAINT feedback_prediction_fkey FOREIGN KEY (prediction) REFERENCES public.predictions(id);
ALTER TABLE ONLY public.shadows
    ADD CONSTRAINT shadows_prediction_fkey FOREIGN KEY (prediction) REFERENCES public.predictions(id);
