/// Whether the Lua code that makes a call is to stop: by Ctrl-C, or because its budget of time is used up.
///
/// What answers at once and may take long looks now and then, since nobody can cancel it. Task local: the engine sets it
/// for each run of code.
package enum CallStop {
  @TaskLocal package static var isAsked: @Sendable () -> Bool = { false }
}
