package import PrimitiveKit

extension Fleet {
  /// Everything this module gives to Lua.
  package var primitives: [Primitive] {
    inventoryPrimitives + commandPrimitives + botPrimitives + stopPrimitives + deployPrimitives + simulationPrimitives
  }

  /// The operations of this module, for whoever reads them back from a journal.
  package static var operationKinds: [any Operation.Type] {
    [
      AbortCommands.self, ControlBots.self, ExecuteCommand.self, InstallHostScript.self, LiftMarks.self, PutFile.self,
      StopBots.self, SwapBots.self,
    ]
  }
}
