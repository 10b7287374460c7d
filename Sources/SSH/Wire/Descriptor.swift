import Glibc

/// An open file descriptor, closed when it goes out of scope.
struct Descriptor: ~Copyable, Sendable {
  let number: Int32

  init(_ number: Int32) { self.number = number }

  deinit { close(number) }
}

/// The sentence for an error number.
func describe(errno code: Int32) -> String { String(cString: strerror(code)) }
