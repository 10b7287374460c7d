#pragma once
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>
#include <openssl/sha.h>

// Macros that are expressions of other macros, which Swift cannot import.
static const int opsh_keypair = EVP_PKEY_KEYPAIR;
static const char *const opsh_rsa_factor1 = OSSL_PKEY_PARAM_RSA_FACTOR1;
static const char *const opsh_rsa_factor2 = OSSL_PKEY_PARAM_RSA_FACTOR2;
