/// Masks the values of secrets in what hosts answer, before anything else sees it.
package struct MaskedTransport: Transport {
  private let base: any Transport
  private let masks: SecretMasks

  package init(_ base: any Transport, _ masks: SecretMasks) { (self.base, self.masks) = (base, masks) }

  package func execute(_ request: CommandRequest, on host: HostAddress) async throws(TransportError) -> CommandResult {
    var request = request
    if let onLine = request.onLine { request.onLine = { [masks] in onLine(masks.masked($0)) } }
    do throws(TransportError) {
      return try await base.execute(request, on: host).masked(by: masks)
    } catch {
      throw error.masked(by: masks)
    }
  }

  package func put(_ file: FileUpload, on host: HostAddress) async throws(TransportError) {
    do throws(TransportError) {
      try await base.put(file, on: host)
    } catch {
      throw error.masked(by: masks)
    }
  }
}

extension CommandResult {
  fileprivate func masked(by masks: SecretMasks) -> CommandResult {
    var result = self
    result.output = masks.masked(output)
    result.errorOutput = masks.masked(errorOutput)
    result.wasMasked = result.output != output || result.errorOutput != errorOutput
    return result
  }
}

extension TransportError {
  fileprivate func masked(by masks: SecretMasks) -> TransportError {
    switch self {
    case .unreachable(let host, let reason, let hint):
      .unreachable(host: host, reason: masks.masked(reason), hint: hint.map(masks.masked))
    case .lost(let host, let reason): .lost(host: host, reason: masks.masked(reason))
    case .timedOut(let host, let after, let got):
      .timedOut(host: host, after: after, got: got?.masked(by: masks))
    case .rejected(let host, let path, let reason): .rejected(host: host, path: path, reason: masks.masked(reason))
    case .local(let host, let reason, let hint):
      .local(host: host, reason: masks.masked(reason), hint: hint.map(masks.masked))
    case .readOnly, .notRecorded, .tooLong, .cancelled: self
    }
  }
}

/// The same for programs of this machine.
package struct MaskedPrograms: LocalPrograms {
  private let base: any LocalPrograms
  private let masks: SecretMasks

  package init(_ base: any LocalPrograms, _ masks: SecretMasks) { (self.base, self.masks) = (base, masks) }

  package func run(_ request: ProgramRequest) async throws(CallFailure) -> ProgramEnding {
    do throws(CallFailure) {
      let ending = try await base.run(request)
      return ProgramEnding(
        status: ending.status,
        signal: ending.signal,
        output: masks.masked(ending.output.bytes),
        errorOutput: masks.masked(ending.errorOutput.bytes),
        seconds: ending.seconds
      )
    } catch {
      var failure = error
      failure.message = masks.masked(failure.message)
      failure.hint = failure.hint.map(masks.masked)
      throw failure
    }
  }
}
