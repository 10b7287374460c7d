import Foundations
import Glibc

/// Turns names into addresses.
enum Resolver {
  struct Failure: Error {
    let reason: String
    /// What is wrong on this machine; nil where the name is.
    var fault: LocalFault?
  }

  /// Numeric addresses at once; names on a thread of their own, because `getaddrinfo` blocks.
  static func addresses(of name: String, port: UInt16) async throws(Failure) -> [SocketAddress] {
    if let address = SocketAddress(numeric: name, port: port) { return [address] }
    // Nobody cancels a start that is under way; one that is, nevertheless, needs no place.
    let place = await OpenFiles.lookupPlaces.take()
    defer { withExtendedLifetime(place) {} }
    return try await lookUp(Query(name: name, port: port)).get()
  }

  private static func lookUp(_ query: Query) async -> Result<[SocketAddress], Failure> {
    await withCheckedContinuation { continuation in
      query.continuation = continuation
      let argument = Unmanaged.passRetained(query).toOpaque()
      var thread = pthread_t()
      let code = pthread_create(&thread, nil, { Query.answer($0) }, argument)
      if code == 0 {
        pthread_detach(thread)
      } else {
        Unmanaged<Query>.fromOpaque(argument).release()
        continuation.resume(returning: .failure(Failure(reason: describe(errno: code), fault: LocalFault(code))))
      }
    }
  }

  /// One look-up, handed to its thread and touched by nobody else afterwards.
  private final class Query {
    let name: String
    let port: UInt16
    var continuation: CheckedContinuation<Result<[SocketAddress], Failure>, Never>?

    init(name: String, port: UInt16) {
      self.name = name
      self.port = port
    }

    static func answer(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
      guard let argument else { return nil }
      let query = Unmanaged<Query>.fromOpaque(argument).takeRetainedValue()
      query.continuation?.resume(returning: query.resolve())
      return nil
    }

    private func resolve() -> Result<[SocketAddress], Failure> {
      var wanted = addrinfo()
      wanted.ai_socktype = Int32(SOCK_STREAM.rawValue)
      var list: UnsafeMutablePointer<addrinfo>?
      let code = getaddrinfo(name, String(port), &wanted, &list)
      guard code == 0 else {
        let fault = code == EAI_SYSTEM ? LocalFault(errno) : code == EAI_MEMORY ? LocalFault(ENOMEM) : nil
        // Without a descriptor it reads no file and asks no server, and says that the name does not exist.
        let reason = String(cString: gai_strerror(code))
        return .failure(Failure(reason: reason, fault: fault ?? LocalFault.exhausted))
      }
      defer { freeaddrinfo(list) }
      let entries = sequence(first: list) { $0?.pointee.ai_next }.prefix { $0 != nil }
      return .success(entries.compactMap { $0.flatMap { SocketAddress($0.pointee) } })
    }
  }
}
