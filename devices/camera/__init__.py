"""A camera that reads QR codes: frames from V4L2, Picamera2 or the network, decoded off the screen's thread."""
