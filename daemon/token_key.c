/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The key pair that signs tokens: a PEM file in the data folder, made when
 * there is none. usherd and `usherd token` may both come first, at once.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "daemon/log.h"
#include "daemon/token.h"
#include "daemon/token_key.h"
#include "engine/err.h"

#define CURVE "P-256"
#define CURVE_NAME "prime256v1" /* the same, as keys are asked */

/*
 * Tokens that are remembered. Each may stand anywhere in its set, and a new
 * one takes the place of the oldest there: with fewer sets than people, some
 * would else verify their tokens at every call.
 */
#define SEEN_SETS 2048 /* no more than two bytes of a hash can tell */
#define SEEN_WAYS 8

struct us_token_seen {
	pthread_mutex_t lock;
	struct seen_set {
		unsigned oldest;
		struct {
			uint8_t hash[32];
			struct us_buf claims; /* empty: nothing here yet */
		} v[SEEN_WAYS];
	} sets[SEEN_SETS];
};

/* Empties a BIO of memory into out, and frees it. */
static void
drain(BIO *bio, struct us_buf *out)
{
	char *p;
	long n = BIO_get_mem_data(bio, &p);

	if (n > 0)
		us_buf_add(out, p, (size_t)n);
	BIO_free(bio);
}

/* A coordinate of the public point, as text. */
static bool
get_coordinate(EVP_PKEY *pair, const char *name, char text[US_BASE64URL_32])
{
	BIGNUM *number = NULL;
	uint8_t bytes[32];
	bool good = EVP_PKEY_get_bn_param(pair, name, &number) &&
		    BN_bn2binpad(number, bytes, sizeof(bytes)) >= 0;

	BN_free(number);
	if (good)
		us_base64url_32(bytes, text);
	return good;
}

static bool
set_public(struct us_token_key *key, EVP_PKEY *pair)
{
	struct us_buf canonical = {0};
	uint8_t hash[32];

	if (!get_coordinate(pair, OSSL_PKEY_PARAM_EC_PUB_X, key->x) ||
	    !get_coordinate(pair, OSSL_PKEY_PARAM_EC_PUB_Y, key->y))
		return false;
	us_buf_printf(&canonical,
	    "{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"%s\",\"y\":\"%s\"}",
	    key->x, key->y);
	us_sha256(us_buf_str(&canonical), hash);
	us_base64url_32(hash, key->id);
	us_buf_free(&canonical);
	return true;
}

/* Both halves as PEM, which is what the JWT library reads. */
static bool
set_key(struct us_token_key *key, EVP_PKEY *pair)
{
	BIO *secret = BIO_new(BIO_s_mem()), *open = BIO_new(BIO_s_mem());

	if (!secret || !open)
		us_out_of_memory();
	PEM_write_bio_PrivateKey(secret, pair, NULL, NULL, 0, NULL, NULL);
	PEM_write_bio_PUBKEY(open, pair);
	drain(secret, &key->private_pem);
	drain(open, &key->public_pem);
	return key->private_pem.n && key->public_pem.n && set_public(key, pair);
}

static bool
is_ours(EVP_PKEY *pair)
{
	char name[32];

	return EVP_PKEY_get_group_name(pair, name, sizeof(name), NULL) &&
	       strcmp(name, CURVE_NAME) == 0;
}

/* Others could sign as we do. Not refused: some volumes have no modes. */
static void
warn_about_mode(FILE *f, const char *path)
{
	struct stat st;

	if (fstat(fileno(f), &st) == 0 && (st.st_mode & 077))
		us_log(US_LOG_WARNING,
		    "others may read %s, which signs tokens; chmod 600 it",
		    path);
}

/* Who may write to a folder may put another key there. */
static void
warn_about_folder(const char *dir)
{
	struct stat st;

	if (stat(dir, &st) == 0 && (st.st_mode & 022))
		us_log(US_LOG_WARNING,
		    "others may write to %s, which holds the key that signs "
		    "tokens; chmod 700 it",
		    dir);
}

/* ENOENT when there is no such file, 0 when key has it, else -1 and logged. */
static int
read_key(const char *path, struct us_token_key *key)
{
	FILE *f = fopen(path, "re");
	EVP_PKEY *pair;
	bool good;

	if (!f && errno == ENOENT)
		return ENOENT;
	if (!f) {
		us_log(
		    US_LOG_ERROR, "cannot read %s: %s", path, strerror(errno));
		return -1;
	}
	warn_about_mode(f, path);
	/* An empty password, lest a locked key asks for one on the terminal. */
	pair = PEM_read_PrivateKey(f, NULL, NULL, (void *)(uintptr_t)"");
	fclose(f);
	good = pair && is_ours(pair) && set_key(key, pair);
	EVP_PKEY_free(pair);
	if (good)
		return 0;
	us_log(US_LOG_ERROR,
	    "%s is no private key for ES256 (PEM, curve P-256); restore it, or "
	    "move it away to have a new one made and all tokens refused",
	    path);
	return -1;
}

/* Root may come first; the daemon, who owns the folder, must read the key. */
static bool
give_to_owner(int fd, const char *dir)
{
	struct stat st;

	return geteuid() != 0 || stat(dir, &st) != 0 ||
	       fchown(fd, st.st_uid, st.st_gid) == 0;
}

static bool
write_new(int fd, const char *dir)
{
	EVP_PKEY *pair = EVP_EC_gen(CURVE);
	FILE *f = fdopen(fd, "w");
	bool good = f && pair &&
		    PEM_write_PrivateKey(f, pair, NULL, NULL, 0, NULL, NULL) &&
		    fflush(f) == 0 && give_to_owner(fd, dir) && fsync(fd) == 0;

	EVP_PKEY_free(pair);
	if (f)
		fclose(f);
	else
		close(fd);
	return good;
}

static void
sync_folder(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return;
	fsync(fd);
	close(fd);
}

/*
 * Writes a new key beside and links it into place: whoever links first has
 * made the key, and whoever comes second reads that one.
 */
static bool
make_key(const char *dir, const char *path)
{
	struct us_buf temp = {0};
	bool good = false;
	int fd, error;

	us_buf_printf(&temp, "%s.XXXXXX", path);
	fd = mkostemp(temp.p, O_CLOEXEC);
	if (fd >= 0) {
		good = write_new(fd, dir) &&
		       (link(temp.p, path) == 0 || errno == EEXIST);
		error = errno;
		unlink(temp.p);
		sync_folder(dir);
		errno = error;
	}
	if (!good)
		us_log(
		    US_LOG_ERROR, "cannot make %s: %s", path, strerror(errno));
	us_buf_free(&temp);
	return good;
}

static struct seen_set *
seen_set(struct us_token_seen *seen, const uint8_t hash[32])
{
	return &seen->sets[(hash[0] | (unsigned)hash[1] << 8) % SEEN_SETS];
}

struct us_str
us_token_seen_get(
    const struct us_token_key *key, const uint8_t hash[32], struct us_arena *a)
{
	const struct seen_set *set = seen_set(key->seen, hash);
	struct us_str claims = {0};

	pthread_mutex_lock(&key->seen->lock);
	for (unsigned i = 0; i < SEEN_WAYS && !claims.n; i++)
		if (set->v[i].claims.n && memcmp(set->v[i].hash, hash, 32) == 0)
			claims = us_arena_str(a, us_buf_str(&set->v[i].claims));
	pthread_mutex_unlock(&key->seen->lock);
	return claims;
}

/* Two that miss at once both put it: then it stands there twice. */
void
us_token_seen_put(const struct us_token_key *key, const uint8_t hash[32],
    struct us_str claims)
{
	struct seen_set *set = seen_set(key->seen, hash);
	unsigned i;

	pthread_mutex_lock(&key->seen->lock);
	i = set->oldest++ % SEEN_WAYS;
	memcpy(set->v[i].hash, hash, 32);
	us_buf_reset(&set->v[i].claims);
	us_buf_str_add(&set->v[i].claims, claims);
	pthread_mutex_unlock(&key->seen->lock);
}

static void
seen_free(struct us_token_seen *seen)
{
	for (unsigned i = 0; i < SEEN_SETS; i++)
		for (unsigned k = 0; k < SEEN_WAYS; k++)
			us_buf_free(&seen->sets[i].v[k].claims);
	pthread_mutex_destroy(&seen->lock);
	free(seen);
}

struct us_token_key *
us_token_key_open(const char *dir)
{
	struct us_token_key *key = us_calloc(1, sizeof(*key));
	struct us_buf path = {0};
	int result;

	key->seen = us_calloc(1, sizeof(*key->seen));
	pthread_mutex_init(&key->seen->lock, NULL);
	us_buf_printf(&path, "%s/token.pem", dir);
	warn_about_folder(dir);
	result = read_key(path.p, key);
	if (result == ENOENT && make_key(dir, path.p)) {
		result = read_key(path.p, key);
		if (result == ENOENT)
			us_log(US_LOG_ERROR, "%s is a link to nowhere", path.p);
	}
	us_buf_free(&path);
	if (result == 0)
		return key;
	us_token_key_free(key);
	return NULL;
}

void
us_token_key_free(struct us_token_key *key)
{
	if (!key)
		return;
	if (key->private_pem.p)
		OPENSSL_cleanse(key->private_pem.p, key->private_pem.cap);
	us_buf_free(&key->private_pem);
	us_buf_free(&key->public_pem);
	seen_free(key->seen);
	free(key);
}
