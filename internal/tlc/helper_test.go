package tlc

const helperVariable = "ROOTLOCK_TLC_HELPER"

func helperProcess() {}
