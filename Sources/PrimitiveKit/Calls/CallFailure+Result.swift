extension CallFailure {
  /// What a body answers or throws: a typed error does not pass through `withValue`; its result does.
  package static func result<Answer: Sendable>(
    _ body: () async throws(CallFailure) -> Answer
  ) async -> Result<Answer, CallFailure> {
    do throws(CallFailure) {
      return .success(try await body())
    } catch {
      return .failure(error)
    }
  }
}
