import CCrypto

/// The library behind this module.
package enum Library {
  /// Readies libcrypto for a program with threads; true unless there is no memory.
  ///
  /// It must not clean up at exit: event loops may still be decrypting then (`man 3 OPENSSL_init_crypto`).
  package static let isReady = OPENSSL_init_crypto(UInt64(OPENSSL_INIT_NO_ATEXIT), nil) == 1
}
